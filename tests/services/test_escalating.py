"""Nobody answers: who is told next, when people are told again, and when it stops."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pilots.models import (
    Alert,
    AlertEvent,
    EscalationPolicy,
    EscalationStep,
    Membership,
    Notification,
    Pilot,
    Role,
    User,
)
from pilots.services.acknowledging import acknowledge, say_still_on_it
from pilots.services.conditioning import retire_condition
from pilots.services.escalating import advance_next
from pilots.services.piloting import close_inconclusive
from pilots.services.settling import accept, raise_by_hand
from pilots.services.snoozing import snooze
from tests.builders import a_person, a_running_pilot
from tests.services.stories import end_of, judge, told, turns

pytestmark = [pytest.mark.django_db, pytest.mark.database]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FIRED = end_of(28)  # a Sunday, 23:00 in the pilot's zone


@pytest.fixture
def pilot() -> Pilot:
    """8% longer: past its escalation trigger, whose rule tells the pilot owner alone."""
    pilot = a_running_pilot(mean=21.6)
    pilot.conditions.filter(ref="E1").update(severity="SEV2", notify=["pilot_owner"])
    deputy = a_person("dina.deputy@example.org")
    Membership.objects.create(decision=pilot.decision, user=deputy, role=Role.DEPUTY)
    return pilot


@pytest.fixture
def alert(pilot: Pilot) -> Alert:
    judge(pilot, 28)
    return Alert.objects.select_related("pilot").get()


def pass_time(until: datetime, *, every: timedelta = HOUR) -> None:
    """Let the clock run as the beat does: whatever is due is moved on at each round."""
    at = FIRED
    while at <= until:
        while advance_next(now=at):
            pass
        at += every


def told_at(alert: Alert, kind: str) -> list[timedelta]:
    alert.refresh_from_db()
    return [event.at - FIRED for event in alert.events.filter(kind=kind).order_by("pk")]


class TestNobodyAnswers:
    def test_the_next_are_told_after_four_hours_and_each_of_them_once(self, alert: Alert) -> None:
        pass_time(FIRED + 12 * HOUR, every=HOUR / 2)
        assert told(alert, "opened") == ["pilot.owner@example.org"]
        assert told(alert, "escalated") == ["dina.deputy@example.org", "owner@example.org"]
        assert told_at(alert, "escalated") == [4 * HOUR]
        assert Notification.objects.count() == 3

    def test_the_timeline_says_how_long_nobody_answered(self, alert: Alert) -> None:
        pass_time(FIRED + 5 * HOUR)
        event = alert.events.get(kind="escalated")
        assert event.note == "Nobody answered within 4 hours."
        assert event.facts == {"step": 2}

    def test_the_mail_has_the_numbers_and_the_chart_of_the_last_look(self, alert: Alert) -> None:
        pass_time(FIRED + 5 * HOUR)
        mail = alert.notifications.filter(event__kind="escalated")[0]
        assert "Nobody answered within 4 hours. You are told next." in mail.text
        assert "Now: 21.6 h" in mail.text
        assert mail.chart_svg.startswith("<svg")

    def test_rounds_that_come_late_or_twice_tell_nobody_twice(self, alert: Alert) -> None:
        late = FIRED + 9 * HOUR
        while advance_next(now=late):
            pass
        while advance_next(now=late):
            pass
        assert turns(alert) == ["opened", "escalated"]
        assert Notification.objects.count() == 3

    def test_whoever_was_told_before_is_left_out_unless_nobody_else_is_there(self, pilot: Pilot) -> None:
        pilot.conditions.filter(ref="E1").update(notify=["decision_owner", "deputy"])
        judge(pilot, 28)
        pass_time(FIRED + 5 * HOUR)
        alert = Alert.objects.get()
        assert told(alert, "escalated") == told(alert, "opened")

    def test_a_step_that_reaches_nobody_says_so_and_falls_back_to_the_decision_owner(
        self, pilot: Pilot
    ) -> None:
        a_policy(pilot, ["pilot_owner"], ["communicator"])
        judge(pilot, 28)
        pass_time(FIRED + HOUR)
        alert = Alert.objects.get()
        assert told(alert, "escalated") == ["owner@example.org"]
        note = alert.events.get(kind="note").note
        assert note.startswith("Nobody could be reached of: customer communicator")

    def test_a_sev3_waits_a_working_day(self, pilot: Pilot) -> None:
        pilot.conditions.filter(ref="E1").update(severity="SEV3")
        judge(pilot, 28)
        alert = Alert.objects.get()
        # from Sunday night: Monday counts
        assert alert.step_due_at == datetime(2026, 3, 31, tzinfo=UTC)

    def test_a_sev4_hurries_nobody(self, pilot: Pilot) -> None:
        pilot.conditions.filter(ref="E1").update(severity="SEV4")
        a_policy(pilot, ["pilot_owner"], ["deputy"])
        judge(pilot, 28)
        alert = Alert.objects.get()
        assert alert.step_due_at is None


class TestTheChain:
    def test_stays_as_it_was_when_the_alert_opened(self, pilot: Pilot) -> None:
        policy = a_policy(pilot, ["pilot_owner"], ["deputy"])
        judge(pilot, 28)
        policy.steps.filter(order=2).update(notify=["reviewer"], wait_minutes=1)
        pass_time(FIRED + HOUR)
        assert told(Alert.objects.get(), "escalated") == ["dina.deputy@example.org"]

    def test_is_the_rules_own_before_the_pilots_before_the_products(self, pilot: Pilot) -> None:
        a_policy(None, ["pilot_owner"], ["deputy"], name="everywhere")
        assert chain_when_judged(pilot, 28) == "product"
        a_policy(pilot, ["pilot_owner"], ["deputy"])
        assert chain_when_judged(pilot, 28) == "pilot"
        own = a_policy(pilot, ["pilot_owner"], ["deputy"], name="own", is_default=False)
        pilot.conditions.filter(ref="E1").update(policy=own)
        assert chain_when_judged(pilot, 28) == "rule"

    def test_begins_with_who_owes_the_data_and_the_first_step_once_it_is_grave(self, pilot: Pilot) -> None:
        a_policy(pilot, ["reviewer"], ["deputy"])
        pilot.conditions.update(observe_only=True)
        judge(pilot, 31)
        alert = Alert.objects.get(kind="no_data")
        assert told(alert, "opened") == ["data@example.org"]
        judge(pilot, 32)
        assert told(alert, "worsened") == ["pilot.owner@example.org", "reviewer@example.org"]

    def test_of_three_steps_is_climbed_to_its_end_and_no_further(self, pilot: Pilot) -> None:
        a_policy(pilot, ["pilot_owner"], ["deputy"], ["reviewer"])
        judge(pilot, 28)
        pass_time(FIRED + 12 * HOUR)
        alert = Alert.objects.get()
        assert told_at(alert, "escalated") == [HOUR, 2 * HOUR]
        assert alert.step_due_at is None


class TestWhatNobodyAnswersIsToldAgain:
    def test_once_a_day_to_all_who_know_and_not_for_ever(self, alert: Alert) -> None:
        pass_time(FIRED + 20 * DAY)
        assert told_at(alert, "repeated") == [n * DAY for n in (1, 2, 3, 4, 5)]
        assert told_at(alert, "stalled") == [6 * DAY]
        assert len(told(alert, "repeated")) == 5 * 3
        assert told(alert, "stalled") == []
        assert alert.due_at is None

    def test_a_sev4_in_the_weekly_digest(self, pilot: Pilot) -> None:
        pilot.conditions.filter(ref="E1").update(severity="SEV4")
        judge(pilot, 28)
        pass_time(FIRED + 8 * DAY)
        alert = Alert.objects.get()
        assert turns(alert) == ["opened", "repeated", "stalled"]
        assert [n.digest for n in alert.notifications.order_by("pk")] == [False, True]

    def test_a_stalled_alert_moves_again_once_somebody_acts(self, alert: Alert) -> None:
        pass_time(FIRED + 7 * DAY)
        acknowledge(alert_id=alert.pk, by=the("pilot.owner"), now=FIRED + 7 * DAY)
        alert.refresh_from_db()
        assert (alert.stalled_at, alert.repeats) == (None, 0)
        assert alert.due_at == FIRED + 8 * DAY


class TestWhoeverTookIt:
    def test_ends_the_chain(self, alert: Alert) -> None:
        acknowledge(alert_id=alert.pk, by=the("pilot.owner"), now=FIRED + HOUR)
        pass_time(FIRED + 24 * HOUR)
        assert turns(alert) == ["opened", "acknowledged"]

    def test_is_asked_after_a_day_and_keeps_it_by_saying_so(self, alert: Alert) -> None:
        acknowledge(alert_id=alert.pk, by=the("pilot.owner"), now=FIRED)
        pass_time(FIRED + 25 * HOUR)
        assert told(alert, "reminded") == ["pilot.owner@example.org"]
        say_still_on_it(alert_id=alert.pk, by=the("pilot.owner"), now=FIRED + 25 * HOUR)
        pass_time(FIRED + 48 * HOUR)
        assert turns(alert) == ["opened", "acknowledged", "reminded", "still_on_it"]
        alert.refresh_from_db()
        assert alert.due_at == FIRED + 49 * HOUR

    def test_and_does_not_answer_within_two_hours_loses_it_and_everybody_is_told_from_step_one(
        self, alert: Alert
    ) -> None:
        acknowledge(alert_id=alert.pk, by=the("dina.deputy"), now=FIRED)
        pass_time(FIRED + 31 * HOUR)
        assert told_at(alert, "expired") == [26 * HOUR]
        assert (alert.status, alert.owner) == ("open", None)
        assert told(alert, "expired") == ["dina.deputy@example.org", "pilot.owner@example.org"]
        assert told_at(alert, "escalated") == [30 * HOUR]
        assert told(alert, "escalated") == ["owner@example.org"]


class TestASnooze:
    def test_that_ends_says_who_put_it_off_and_why(self, alert: Alert) -> None:
        until = FIRED + 2 * DAY
        snooze(alert_id=alert.pk, by=the("owner"), until=until, reason="The fix ships on Tuesday.", now=FIRED)
        pass_time(FIRED + 2 * DAY - HOUR)
        assert turns(alert) == ["opened", "snoozed"]
        pass_time(until)
        alert.refresh_from_db()
        assert (alert.status, alert.chain_step) == ("open", 1)
        assert alert.events.get(kind="woken").note == "Owner put it off: The fix ships on Tuesday."
        assert told(alert, "woken") == ["owner@example.org", "pilot.owner@example.org"]

    def test_ends_early_when_it_gets_worse(self, pilot: Pilot, alert: Alert) -> None:
        snooze(alert_id=alert.pk, by=the("owner"), until=FIRED + 2 * DAY, reason="Known.", now=FIRED)
        pilot.conditions.filter(ref="E1").update(severity="SEV1")
        judge(pilot, 29)
        alert.refresh_from_db()
        assert (alert.status, alert.snoozed_until) == ("open", None)
        assert turns(alert) == ["opened", "snoozed", "worsened"]
        # the owner is not named in the rule, but had put it off
        assert told(alert, "worsened") == ["owner@example.org", "pilot.owner@example.org"]
        assert alert.step_due_at == end_of(29) + HOUR / 2


class TestWhatWasPutUpWith:
    def test_opens_again_on_its_day_also_where_a_person_raised_it(self, pilot: Pilot) -> None:
        raised = raise_by_hand(
            pilot_id=pilot.pk, by=the("owner"), severity="SEV3", sentence="Three customers wrote.", now=FIRED
        )
        put_up_with(raised)
        pass_time(FIRED + 4 * DAY, every=DAY)
        assert turns(raised)[:4] == ["opened", "acknowledged", "accepted", "reopened"]

    def test_stays_closed_where_its_rule_was_retired_meanwhile(self, alert: Alert) -> None:
        put_up_with(alert)
        assert alert.condition_id is not None
        retire_condition(
            condition_id=alert.condition_id, by=the("owner"), reason="Another goal.", now=FIRED + HOUR
        )
        pass_time(FIRED + 4 * DAY, every=DAY)
        assert over(alert) == ("resolved", None, None)

    def test_is_over_for_good_with_its_pilot(self, pilot: Pilot, alert: Alert) -> None:
        put_up_with(alert)
        close_inconclusive(pilot_id=pilot.pk, by=the("owner"), reason="The season is over.", now=FIRED + HOUR)
        assert over(alert) == ("resolved", None, None)
        pass_time(FIRED + 4 * DAY, every=DAY)
        assert turns(alert) == ["opened", "acknowledged", "accepted"]

    def test_stays_closed_where_its_pilot_ended_before_that_was_looked_at(
        self, pilot: Pilot, alert: Alert
    ) -> None:
        put_up_with(alert)
        Pilot.objects.update(status="stopped")
        pass_time(FIRED + 4 * DAY, every=DAY)
        assert over(alert) == ("resolved", None, None)


class TestARound:
    def test_goes_on_where_one_alert_cannot_be_moved_on(
        self, alert: Alert, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = a_running_pilot("other", mean=21.6)
        other.conditions.filter(ref="E1").update(severity="SEV2", notify=["reviewer"])
        judge(other, 28)
        Alert.objects.filter(pk=alert.pk).update(chain=[{"broken": True}] * 2)
        now = FIRED + 4 * HOUR
        while advance_next(now=now):
            pass
        assert turns(alert) == ["opened"]
        assert turns(Alert.objects.get(pilot=other)) == ["opened", "escalated"]
        alert.refresh_from_db()
        assert alert.due_at is not None
        assert alert.due_at > now

    def test_finds_nothing_while_nothing_is_due(self, alert: Alert) -> None:
        assert not advance_next(now=FIRED + HOUR)
        assert not AlertEvent.objects.exclude(kind="opened").exists()


def put_up_with(alert: Alert) -> None:
    acknowledge(alert_id=alert.pk, by=the("pilot.owner"), now=FIRED)
    until = FIRED.date() + 2 * DAY
    accept(alert_id=alert.pk, by=the("owner"), reason="Known and small.", until=until, now=FIRED)


def over(alert: Alert) -> tuple[str, object, object]:
    alert.refresh_from_db()
    return alert.status, alert.accepted_until, alert.due_at


def the(name: str) -> User:
    return User.objects.get(email=f"{name}@example.org")


def a_policy(
    pilot: Pilot | None, *steps: list[str], name: str = "usual", is_default: bool = True
) -> EscalationPolicy:
    """A policy whose steps have an hour each."""
    policy = EscalationPolicy.objects.create(pilot=pilot, name=name, is_default=is_default)
    for order, notify in enumerate(steps, start=1):
        EscalationStep.objects.create(policy=policy, order=order, notify=notify, wait_minutes=60)
    return policy


def chain_when_judged(pilot: Pilot, number: int) -> str:
    """Judge a pilot as if it had never raised anything, and say whose chain its alert climbs."""
    Notification.objects.all().delete()
    Alert.objects.all().delete()
    judge(pilot, number)
    return str(Alert.objects.get().chain[1]["policy"])
