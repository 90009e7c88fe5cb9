"""The inspection as a round: what it found is kept, and the watcher outside hears of good health only."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.utils import timezone

from pilots import tasks
from pilots.models import Pulse
from pilots.services.pulsing import beat
from tests.listening import Listener
from tests.processes import Product, eventually


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the watcher outside heard, its line cut."""
    heard: list[str] = []
    monkeypatch.setattr("pilots.channels.heartbeat.send_heartbeat", lambda: heard.append("all is well"))
    return heard


@pytest.mark.django_db
def test_an_engine_that_does_its_work_says_so_outside(calls: list[str]) -> None:
    for name in set(settings.PERIODS) - {"inspection"}:
        beat(name, now=timezone.now(), took_ms=1, facts={})
    tasks.inspect_engine()
    pulse = Pulse.objects.get(name="inspection")
    assert set(pulse.facts["counts"].values()) == {0}
    assert calls == ["all is well"]


@pytest.mark.django_db
def test_an_engine_that_is_stuck_keeps_silent_outside(calls: list[str]) -> None:
    tasks.inspect_engine()
    assert Pulse.objects.get(name="inspection").facts["counts"]["rounds_silent"] > 0
    assert calls == []


STUCK = """
    from datetime import timedelta
    from django.utils import timezone
    from pilots.models import Notification
    later = timezone.now() + timedelta(hours=1)
    Notification.objects.create(recipient="x@example.org", created_at=later, next_try_at=later, attempts=9)
"""
FOUND = """
    from pilots.models import Pulse
    print(Pulse.objects.get(name="inspection").facts["counts"]["messages_waiting"])
"""


@pytest.mark.processes
def test_a_real_engine_calls_the_watcher_until_something_is_stuck(product: Product) -> None:
    rounds = ("ADVANCE", "WATCH", "INSPECT")
    with Listener().open() as listener:
        product.environ |= {"HEARTBEAT_URL": listener.url} | {f"{name}_EVERY": "1" for name in rounds}
        with product.engine():
            eventually(lambda: len(listener.heard) >= 2, why=product.log)
            product.tell(STUCK)
            eventually(lambda: product.tell(FOUND).strip() == "1", why=product.log)
            heard = len(listener.heard)
            eventually(lambda: product.log().count("needs a look") >= 3, why=product.log)
        assert len(listener.heard) == heard
