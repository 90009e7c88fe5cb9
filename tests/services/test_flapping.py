"""A number that crosses its limit every other day: people hear of it once, and then in a summary."""

from __future__ import annotations

import pytest

from pilots.models import Alert, AlertEvent, Notification, Pilot
from tests.builders import a_running_pilot
from tests.services.stories import end_of, judge, record, told, turns

pytestmark = [pytest.mark.django_db, pytest.mark.database]

HIGH, LOW = 22.0, 20.0


@pytest.fixture
def pilot() -> Pilot:
    """One reading crosses the trigger, one recovers from it."""
    pilot = a_running_pilot(days=20)
    pilot.metrics.update(window_days=1)
    pilot.conditions.exclude(ref="E1").update(observe_only=True)
    pilot.conditions.filter(ref="E1").update(recover_periods=1)
    return pilot


def live_through(pilot: Pilot, means: list[float], *, first: int = 21) -> None:
    metric = pilot.metrics.get()
    for number, mean in enumerate(means, start=first):
        record(metric, mean=mean, days=(number, number))
        judge(pilot, number)
        Notification.objects.filter(state="pending").update(state="sent")


def the_alert() -> Alert:
    return Alert.objects.get()


def test_four_turns_in_a_week_are_told_once_and_then_in_the_digest(pilot: Pilot) -> None:
    live_through(pilot, [HIGH, LOW, HIGH, LOW, HIGH, LOW, LOW, HIGH])
    alert = the_alert()
    assert turns(alert) == [
        *("opened", "resolved", "reopened", "resolved"),
        *("reopened", "flapping", "recovered", "resolved", "reopened"),
    ]
    mailed = alert.notifications.order_by("pk").values_list("event__kind", "digest")
    assert list(mailed) == [
        ("opened", False),
        ("resolved", False),
        ("reopened", False),
        ("resolved", False),
        ("flapping", False),
        ("resolved", True),
        ("reopened", True),
    ]


def test_it_is_held_open_until_it_was_calm_for_as_long_again(pilot: Pilot) -> None:
    live_through(pilot, [HIGH, LOW, HIGH, LOW, HIGH, LOW])
    assert the_alert().status == "open"
    live_through(pilot, [HIGH, LOW], first=27)
    assert the_alert().status == "open"
    live_through(pilot, [LOW], first=29)
    assert (the_alert().status, the_alert().resolved_at) == ("resolved", end_of(29))


def test_fewer_turns_are_told_one_by_one(pilot: Pilot) -> None:
    live_through(pilot, [HIGH, LOW, HIGH, LOW])
    assert the_alert().flapping_since is None
    assert len(told(the_alert(), "resolved")) == 2


def test_turns_of_another_week_do_not_count(pilot: Pilot) -> None:
    live_through(pilot, [HIGH, LOW, HIGH, LOW])
    live_through(pilot, [LOW] * 8 + [HIGH], first=25)
    assert not AlertEvent.objects.filter(kind="flapping").exists()


def test_once_it_was_quiet_for_a_week_it_is_told_of_at_once_again(pilot: Pilot) -> None:
    live_through(pilot, [HIGH, LOW, HIGH, LOW, HIGH])
    live_through(pilot, [HIGH] * 8 + [LOW, LOW, HIGH], first=26)
    alert = the_alert()
    assert (alert.status, alert.flapping_since) == ("open", None)
    newest = alert.notifications.order_by("-pk")[0]
    assert (newest.event and newest.event.kind, newest.digest) == ("reopened", False)


def test_a_stop_condition_never_comes_and_goes(pilot: Pilot) -> None:
    pilot.conditions.filter(ref="S1").update(observe_only=False, limit=0.05)
    live_through(pilot, [HIGH, LOW, HIGH, LOW, HIGH, LOW, HIGH])
    stop = Alert.objects.get(kind="stop_condition")
    assert (stop.status, stop.flapping_since) == ("open", None)
    assert told(stop, "opened")
