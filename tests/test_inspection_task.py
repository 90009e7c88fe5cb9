"""The inspection as a round: what it found is kept, and the watcher outside hears of good health only."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.utils import timezone

from pilots import tasks
from pilots.models import Pulse
from pilots.services.pulsing import beat

pytestmark = pytest.mark.django_db


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the watcher outside heard, its line cut."""
    heard: list[str] = []
    monkeypatch.setattr("pilots.channels.heartbeat.send_heartbeat", lambda: heard.append("all is well"))
    return heard


def test_an_engine_that_does_its_work_says_so_outside(calls: list[str]) -> None:
    for name in settings.PERIODS:
        beat(name, now=timezone.now(), took_ms=1, facts={})
    tasks.inspect_engine()
    pulse = Pulse.objects.get(name="inspection")
    assert set(pulse.facts["counts"].values()) == {0}
    assert calls == ["all is well"]


def test_an_engine_that_is_stuck_keeps_silent_outside(calls: list[str]) -> None:
    tasks.inspect_engine()
    assert Pulse.objects.get(name="inspection").facts["counts"]["rounds_silent"] > 0
    assert calls == []
