"""The heartbeat outside: one call to a real server, and never a fault of ours."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from pilots.channels.heartbeat import send_heartbeat
from tests.conftest import free_port
from tests.listening import Listener


@pytest.fixture
def listener(settings: Settings) -> Iterator[Listener]:
    with Listener().open() as listener:
        settings.HEARTBEAT_URL = listener.url
        yield listener


def test_the_watcher_is_called_once(listener: Listener) -> None:
    assert send_heartbeat()
    assert listener.heard == ["/ping/5ecret"]


def test_without_an_address_nobody_is_called(settings: Settings) -> None:
    settings.HEARTBEAT_URL = ""
    assert not send_heartbeat()


def test_a_watcher_that_refuses_is_only_noted(listener: Listener, caplog: pytest.LogCaptureFixture) -> None:
    listener.status = 500
    with caplog.at_level(logging.WARNING):
        assert not send_heartbeat()
    assert "could not be sent" in caplog.text
    assert "5ecret" not in caplog.text


def test_a_watcher_that_is_not_there_is_only_noted(settings: Settings) -> None:
    settings.HEARTBEAT_URL = f"http://127.0.0.1:{free_port()}/"
    assert not send_heartbeat()
