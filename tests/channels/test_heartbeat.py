"""The heartbeat outside: one call to a real server, and never a fault of ours."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from pytest_django import Settings

from pilots.channels.heartbeat import send_heartbeat
from tests.conftest import free_port


class Listener(HTTPServer):
    """A watcher that keeps what was asked of it, and answers with `status`."""

    status = 200

    def __init__(self) -> None:
        self.heard: list[str] = []
        super().__init__(("127.0.0.1", 0), Answer)


class Answer(BaseHTTPRequestHandler):
    server: Listener

    def do_GET(self) -> None:
        self.server.heard.append(self.path)
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture
def listener(settings: Settings) -> Iterator[Listener]:
    with Listener() as server:
        settings.HEARTBEAT_URL = f"http://127.0.0.1:{server.server_port}/ping/5ecret"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


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
