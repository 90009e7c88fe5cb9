"""The inspector: all zero while the engine does its work, and one count for each thing that goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from pilots.models import (
    Alert,
    ChannelState,
    ConditionState,
    ImportJob,
    Notification,
    Pilot,
    PilotMove,
    PilotState,
    Pulse,
)
from pilots.services.evaluating import evaluate_next
from pilots.services.inspecting import inspect_engine
from pilots.services.piloting import pause_pilot, resume_pilot
from pilots.services.pulsing import beat
from pilots.services.settling import continue_past
from tests.builders import NOON, a_person, a_pilot, a_running_pilot, an_alert

pytestmark = [pytest.mark.django_db, pytest.mark.database]

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
State = Notification.State


@pytest.fixture(autouse=True)
def _every_round_came() -> None:
    for name in settings.PERIODS:
        beat(name, now=NOON, took_ms=1, facts={})


def wrong() -> dict[str, int]:
    return {name: count for name, count in inspect_engine(now=NOON).counts.items() if count}


def a_judged_pilot(ref: str = "tiers", **fields: Any) -> Pilot:
    """A pilot past its stop limit that was judged at noon."""
    pilot = a_running_pilot(ref, mean=24.0, **fields)
    while evaluate_next(now=NOON):
        pass
    Notification.objects.update(state=State.SENT)
    Alert.objects.update(due_at=None)
    return pilot


def a_message(**fields: object) -> Notification:
    number = Notification.objects.count()
    values = {"recipient": "x@example.org", "created_at": NOON, "next_try_at": NOON} | fields
    return Notification.objects.create(message_id=f"<{number}@example.org>", subject="A", text="B", **values)


def test_nothing_is_wrong_where_the_engine_does_its_work() -> None:
    a_judged_pilot()
    found = inspect_engine(now=NOON)
    assert found.is_clear, found.examples
    assert set(found.counts.values()) == {0}
    assert len(found.counts) == 9


def test_a_breach_whose_alert_is_gone_is_named() -> None:
    pilot = a_judged_pilot()
    assert ConditionState.objects.filter(episode="firing").exists()
    pilot.alerts.filter(kind="stop_condition").update(status="resolved")
    assert wrong() == {"breaches_without_alert": 1}
    assert inspect_engine(now=NOON).examples["breaches_without_alert"] == ["S1, overall, of tiers"]


@pytest.mark.parametrize(
    "settle",
    [
        pytest.param(lambda p: p.alerts.update(accepted_until=NOON.date()), id="put up with until a day"),
        pytest.param(lambda p: p.conditions.update(observe_only=True), id="only observed"),
        pytest.param(lambda p: p.conditions.update(retired_at=NOON), id="retired"),
        pytest.param(lambda p: Pilot.objects.update(status="paused"), id="paused: nothing is judged"),
        pytest.param(
            lambda p: PilotState.objects.update(dirty_seq=F("dirty_seq") + 1), id="to be judged anew"
        ),
    ],
)
def test_a_breach_needs_no_alert_where_a_person_or_the_next_look_settles_it(
    settle: Callable[[Pilot], object],
) -> None:
    pilot = a_judged_pilot()
    pilot.alerts.update(status="resolved")
    assert wrong() == {"breaches_without_alert": 2}
    settle(pilot)
    assert wrong() == {}


def test_an_alert_is_late_five_minutes_after_its_instant() -> None:
    alert = an_alert(a_judged_pilot(), kind="manual", due_at=NOON - 4 * MINUTE)
    assert wrong() == {}
    Alert.objects.filter(pk=alert.pk).update(due_at=NOON - 6 * MINUTE)
    assert wrong() == {"steps_overdue": 1}
    Alert.objects.filter(pk=alert.pk).update(status="resolved", due_at=None)
    assert wrong() == {}


@pytest.mark.parametrize(
    ("fields", "is_wrong"),
    [
        pytest.param({"next_try_at": NOON - 9 * MINUTE}, False, id="waits its turn"),
        pytest.param({"next_try_at": NOON - 11 * MINUTE}, True, id="nobody sends it"),
        pytest.param({"next_try_at": NOON + 5 * DAY}, False, id="waits for a digest or a quiet night to end"),
        pytest.param({"next_try_at": NOON + HOUR, "attempts": 2}, False, id="refused for a moment"),
        pytest.param({"next_try_at": NOON + HOUR, "attempts": 5}, True, id="refused again and again"),
        pytest.param({"state": State.DEAD, "attempts": 9}, False, id="given up"),
        pytest.param({"state": State.IN_DOUBT, "next_try_at": NOON - HOUR}, True, id="in doubt for an hour"),
    ],
)
def test_a_message_that_waits_too_long_is_counted(fields: dict[str, object], is_wrong: bool) -> None:
    a_message(**fields)
    assert wrong() == ({"messages_waiting": 1} if is_wrong else {})


def test_a_channel_shut_for_longer_than_a_while_is_told_with_its_reason() -> None:
    shut = {"shut_since": NOON - HOUR, "shut_until": NOON, "reason": "535 The sign-in was refused"}
    ChannelState.objects.create(channel="email", **shut)
    assert wrong() == {"channels_shut": 1}
    assert "sign-in was refused" in inspect_engine(now=NOON).examples["channels_shut"][0]


def test_what_a_dead_worker_holds_is_counted_until_somebody_takes_it() -> None:
    a_judged_pilot()
    gone = {"lease_until": NOON - 3 * MINUTE, "lease_owner": "worker:1"}
    a_message(state=State.CLAIMED, **gone)
    PilotState.objects.update(dirty_seq=F("dirty_seq") + 1, **gone)
    assert wrong() == {"pilots_held": 1, "messages_held": 1}
    PilotState.objects.update(evaluated_seq=F("dirty_seq"))
    assert wrong() == {"messages_held": 1}, "a lease on what is not due holds nobody up"
    Notification.objects.update(lease_until=NOON - MINUTE)
    assert wrong() == {}


@pytest.mark.parametrize(
    ("fields", "is_wrong"),
    [
        pytest.param({"state": "looked_at"}, False, id="only looked at"),
        pytest.param({"state": "waiting", "started_at": NOON - 9 * MINUTE}, False, id="waits its turn"),
        pytest.param({"state": "waiting", "started_at": NOON - 11 * MINUTE}, True, id="nobody begins"),
        pytest.param({"state": "running", "started_at": NOON - HOUR}, False, id="between two parts"),
        pytest.param({"state": "running", "lease_until": NOON - 3 * MINUTE}, True, id="its worker is gone"),
        pytest.param(
            {"state": "failed", "lease_until": NOON - HOUR}, False, id="given up, and shown as that"
        ),
    ],
)
def test_a_file_of_readings_that_nobody_stores_is_counted(fields: dict[str, Any], is_wrong: bool) -> None:
    fields = {"started_at": NOON - HOUR, "created_at": NOON - HOUR, **fields}
    ImportJob.objects.create(pilot=a_pilot(), by=a_person(), name="readings.csv", **fields)
    assert wrong() == ({"files_waiting": 1} if is_wrong else {})


def test_a_pilot_is_missed_after_two_of_its_own_cadences() -> None:
    a_judged_pilot("daily")
    a_judged_pilot("weekly", cadence_days=7)
    PilotState.objects.update(last_evaluated_at=NOON - 3 * DAY)
    found = inspect_engine(now=NOON)
    assert found.counts["pilots_not_judged"] == 1
    assert found.examples == {"pilots_not_judged": ["daily, judged last 2026-03-27 12:00 UTC"]}
    PilotState.objects.update(last_evaluated_at=NOON - 15 * DAY)
    assert wrong() == {"pilots_not_judged": 2}
    Pilot.objects.update(status="paused")
    assert wrong() == {}


def test_a_pilot_that_was_paused_has_two_cadences_from_its_return() -> None:
    pilot = a_judged_pilot()
    PilotState.objects.update(last_evaluated_at=NOON - 20 * DAY)
    PilotMove.objects.create(pilot=pilot, from_status="paused", to_status="running", at=NOON - HOUR)
    assert wrong() == {}
    PilotMove.objects.update(at=NOON - 3 * DAY)
    assert wrong() == {"pilots_not_judged": 1}


def test_a_pilot_that_was_never_judged_is_missed() -> None:
    pilot = a_running_pilot()
    assert pilot.state.last_evaluated_at is None
    assert wrong() == {"pilots_not_judged": 1}


def test_a_round_is_silent_after_three_periods_and_one_that_never_came_is_too() -> None:
    beat("evaluate", now=NOON - 2 * MINUTE, took_ms=1, facts={})
    assert wrong() == {}
    beat("evaluate", now=NOON - 4 * MINUTE, took_ms=1, facts={})
    assert inspect_engine(now=NOON).examples == {"rounds_silent": ["evaluate, last 2026-03-30 11:56 UTC"]}


def test_an_installation_without_an_engine_is_silent() -> None:
    Pulse.objects.all().delete()
    assert wrong() == {"rounds_silent": len(settings.PERIODS)}


def test_the_round_that_inspects_is_not_silent_itself() -> None:
    Pulse.objects.filter(name="inspection").delete()
    assert wrong() == {"rounds_silent": 1}
    assert inspect_engine(now=NOON, during="inspection").is_clear


def test_many_of_one_kind_are_counted_and_a_few_are_named() -> None:
    for _ in range(7):
        a_message(next_try_at=NOON - HOUR)
    found = inspect_engine(now=NOON)
    assert found.counts["messages_waiting"] == 7
    assert len(found.examples["messages_waiting"]) == 5


def test_an_inspection_costs_the_same_at_two_and_at_twelve_pilots() -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert inspect_engine(now=NOON).is_clear
        return len(queries)

    a_judged_pilot("one")
    few = cost()
    for number in range(10):
        a_judged_pilot(f"more-{number}")
    assert cost() == few == 9


def test_a_breach_that_people_decided_to_go_on_past_is_no_finding() -> None:
    pilot = a_judged_pilot()
    stop, owner = pilot.alerts.get(kind="stop_condition"), a_person()
    end = NOON.date() + 30 * DAY
    continue_past(alert_id=stop.pk, by=owner, reason="A known cause", until=end, limit=None, now=NOON)
    assert wrong() == {}, "before the next look"
    while evaluate_next(now=NOON):
        pass
    Notification.objects.update(state=State.SENT)
    assert wrong() == {}, "after it"


def test_a_breach_whose_pilot_was_paused_and_runs_again_is_no_finding() -> None:
    pilot = a_judged_pilot()
    owner = a_person()
    pause_pilot(pilot_id=pilot.pk, by=owner, reason="Let us look", now=NOON)
    resume_pilot(pilot_id=pilot.pk, by=owner, reason="Nothing found", now=NOON)
    while evaluate_next(now=NOON):
        pass
    Notification.objects.update(state=State.SENT)
    assert wrong() == {}
