"""Two people act at the same moment: the lock lets one go first, and the other sees what it left."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import close_old_connections, connection

from pilots.models import Alert, Pilot, User
from pilots.services.acknowledging import acknowledge
from pilots.services.errors import Refused
from pilots.services.escalating import advance_next
from pilots.services.piloting import change_pilot, mark_ready, start_pilot
from tests.builders import NOON, a_complete_pilot, a_running_pilot
from tests.services.stories import end_of, judge, told, turns

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture(autouse=True)
def _row_locks() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL: threads share one connection of the in-memory database")


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Run acts in threads of their own that set off together. Return what came of each, in order of words."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        connection.ensure_connection()
        start.wait()
        try:
            act()
        except Refused as refused:
            return type(refused).__name__
        finally:
            close_old_connections()
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(acts)) as threads:
        return sorted(threads.map(run, acts))


def test_a_pilot_starts_once() -> None:
    pilot = a_complete_pilot()
    owner = pilot.decision.owner
    assert owner is not None
    mark_ready(pilot_id=pilot.pk, by=owner, now=NOON)

    def start() -> Pilot:
        return start_pilot(pilot_id=pilot.pk, by=owner, now=NOON)

    assert at_once(start, start, start) == ["Refused", "Refused", "done"]
    assert pilot.moves.filter(stage=None, to_status="running").count() == 1
    assert pilot.reviews.count() == 1


def test_of_edits_that_saw_the_same_version_one_is_kept() -> None:
    pilot = a_complete_pilot()
    owner, seen = pilot.decision.owner, pilot.version
    assert owner is not None

    def retitle(title: str) -> Callable[[], Pilot]:
        return lambda: change_pilot(
            pilot_id=pilot.pk, by=owner, fields={"title": title}, seen_version=seen, now=NOON
        )

    assert at_once(*map(retitle, "abcd")) == ["Stale", "Stale", "Stale", "done"]
    assert Pilot.objects.get().version == seen + 1


def test_an_overdue_step_is_told_once_by_however_many_rounds() -> None:
    pilot = a_running_pilot(mean=21.6)
    pilot.conditions.filter(ref="E1").update(severity="SEV2", notify=["pilot_owner"])
    judge(pilot, 28)
    late = end_of(29)
    at_once(*[lambda: advance_next(now=late)] * 4)
    alert = Alert.objects.get()
    assert turns(alert) == ["opened", "escalated"]
    assert told(alert, "escalated") == ["owner@example.org"]


def test_an_alert_is_taken_by_one_person_and_not_escalated_behind_their_back() -> None:
    pilot = a_running_pilot(mean=21.6)
    pilot.conditions.filter(ref="E1").update(severity="SEV2", notify=["pilot_owner"])
    judge(pilot, 28)
    alert, late = Alert.objects.get(), end_of(28) + timedelta(hours=4)
    people = [User.objects.get(email=f"{name}@example.org") for name in ("owner", "pilot.owner")]

    def take(person: User) -> Callable[[], Alert]:
        return lambda: acknowledge(alert_id=alert.pk, by=person, now=late)

    found = at_once(*map(take, people), lambda: advance_next(now=late))
    assert found == ["Refused", "done", "done"]
    alert.refresh_from_db()
    assert alert.owner in people
    assert not advance_next(now=late)
    assert turns(alert) in (["opened", "acknowledged"], ["opened", "escalated", "acknowledged"])
