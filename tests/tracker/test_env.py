"""What the environment may say, and what it is told when it says nonsense."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from tracker import env


def test_each_round_has_a_period_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSPECT_EVERY", "12.5")
    assert env.periods() | {"inspection": 12.5} == env.periods()


@pytest.mark.parametrize(
    "address", ["ping.example.org/abc", "ftp://example.org/", "https://", "file:///etc/hosts"]
)
def test_an_address_that_is_none_is_refused_by_its_variables_name(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEARTBEAT_URL", address)
    with pytest.raises(ImproperlyConfigured, match="HEARTBEAT_URL must be an address"):
        env.web_address("HEARTBEAT_URL")


def test_no_address_is_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEARTBEAT_URL", raising=False)
    assert env.web_address("HEARTBEAT_URL") == ""
