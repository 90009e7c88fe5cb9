"""An alert is put off: how long, by whom, and that it hides nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pilots.models import Alert, Pilot, User
from pilots.reports.gates import gates_of
from pilots.services.acknowledging import acknowledge
from pilots.services.errors import Refused
from pilots.services.snoozing import snooze, wake
from tests.builders import a_running_pilot
from tests.services.stories import end_of, judge, turns

pytestmark = [pytest.mark.django_db, pytest.mark.database]

FIRED = end_of(28)
DAY = timedelta(days=1)


@pytest.fixture
def pilot() -> Pilot:
    return a_running_pilot(mean=21.6)


def an_alert_of(pilot: Pilot, severity: str) -> Alert:
    pilot.conditions.filter(ref="E1").update(severity=severity)
    judge(pilot, 28)
    return Alert.objects.get()


def owner() -> User:
    return User.objects.get(email="owner@example.org")


@pytest.mark.parametrize(
    ("severity", "cap", "words"),
    [
        ("SEV1", DAY, "24 hours"),
        ("SEV2", 3 * DAY, "3 days"),
        ("SEV3", 14 * DAY, "14 days"),
        ("SEV4", 14 * DAY, "14 days"),
    ],
)
def test_it_can_wait_as_long_as_its_severity_allows(
    pilot: Pilot, severity: str, cap: timedelta, words: str
) -> None:
    alert = an_alert_of(pilot, severity)
    too_long = FIRED + cap + timedelta(minutes=1)
    with pytest.raises(Refused, match=f"{severity} can wait {words} at most"):
        snooze(alert_id=alert.pk, by=owner(), until=too_long, reason="Later.", now=FIRED)
    snoozed = snooze(alert_id=alert.pk, by=owner(), until=FIRED + cap, reason="Later.", now=FIRED)
    assert (snoozed.status, snoozed.due_at, snoozed.snoozed_by) == ("snoozed", FIRED + cap, owner())


def test_it_needs_a_reason_and_an_end_that_is_ahead(pilot: Pilot) -> None:
    alert = an_alert_of(pilot, "SEV2")
    with pytest.raises(Refused, match="Say why: an alert is put off"):
        snooze(alert_id=alert.pk, by=owner(), until=FIRED + DAY, reason=" ", now=FIRED)
    with pytest.raises(Refused, match="in the past"):
        snooze(alert_id=alert.pk, by=owner(), until=FIRED, reason="Later.", now=FIRED)


def test_it_opens_no_gate(pilot: Pilot) -> None:
    alert = an_alert_of(pilot, "SEV2")
    snooze(alert_id=alert.pk, by=owner(), until=FIRED + DAY, reason="Later.", now=FIRED)
    alerts = next(gate for gate in gates_of(pilot, now=FIRED) if gate.key == "alerts")
    assert not alerts.ok
    assert alerts.missing[0].startswith(f"{alert.ref} is open")


def test_its_engine_goes_on_noting_what_it_sees(pilot: Pilot) -> None:
    alert = an_alert_of(pilot, "SEV2")
    snooze(alert_id=alert.pk, by=owner(), until=FIRED + 3 * DAY, reason="Later.", now=FIRED)
    judge(pilot, 29)
    alert.refresh_from_db()
    assert (alert.status, alert.last_seen_at) == ("snoozed", end_of(29))


def test_it_can_be_taken_while_it_sleeps(pilot: Pilot) -> None:
    alert = an_alert_of(pilot, "SEV2")
    snooze(alert_id=alert.pk, by=owner(), until=FIRED + DAY, reason="Later.", now=FIRED)
    taken = acknowledge(alert_id=alert.pk, by=owner(), now=FIRED)
    assert (taken.status, taken.snoozed_until, taken.snooze_reason) == ("acknowledged", None, "")


def test_it_can_be_woken_by_hand(pilot: Pilot) -> None:
    alert = an_alert_of(pilot, "SEV2")
    snooze(alert_id=alert.pk, by=owner(), until=FIRED + DAY, reason="Later.", now=FIRED)
    awake = wake(alert_id=alert.pk, by=owner(), now=FIRED + DAY / 2)
    assert (awake.status, awake.step_due_at) == ("open", FIRED + DAY / 2 + timedelta(hours=4))
    assert turns(alert) == ["opened", "snoozed", "woken"]
    with pytest.raises(Refused, match="is not snoozed"):
        wake(alert_id=alert.pk, by=owner(), now=FIRED + DAY)
