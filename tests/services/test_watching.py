"""The calendar's watch: reviews and stages past their day, and the risks that show, also while paused."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pilots.models import Alert, Notification, Pilot, Review, Risk
from pilots.services.acknowledging import acknowledge
from pilots.services.escalating import advance_next
from pilots.services.evaluating import evaluate_pilot
from pilots.services.settling import accept
from pilots.services.watching import watch_pilots
from tests.builders import NOON, a_metric, a_person, a_review, a_running_pilot
from tests.services.test_at_once import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.database]

DAY = timedelta(days=1)
TODAY = NOON.date()


def open_alerts(pilot: Pilot) -> dict[str, str]:
    return {a.scope: a.severity for a in pilot.alerts.unresolved().order_by("pk")}


def told(alert: Alert) -> set[tuple[str, str]]:
    return {(n.recipient, n.because) for n in alert.notifications.all()}


def a_late_stage(pilot: Pilot, end: date = TODAY - DAY) -> None:
    pilot.stages.update(planned_end=end)


def a_risk(pilot: Pilot, signal: str, **fields: object) -> Risk:
    values = {"text": "Poor data quality", "planned_response": "Ask for a daily export.", **fields}
    return Risk.objects.create(decision=pilot.decision, signal=signal, **values)


def test_where_all_is_on_time_nothing_is_raised() -> None:
    pilot = a_running_pilot()
    a_review(pilot, due_on=TODAY)
    assert watch_pilots(now=NOON) == 0
    assert not Alert.objects.exists()


def test_a_review_past_its_day_is_told_to_its_reviewer_and_the_owners_once() -> None:
    pilot = a_running_pilot()
    review = a_review(pilot, due_on=TODAY - DAY)
    for hours in (0, 1, 2):
        watch_pilots(now=NOON + timedelta(hours=hours))
    alert = pilot.alerts.get()
    assert (alert.kind, alert.severity, alert.scope) == ("review_overdue", "SEV3", f"review:{review.pk}")
    assert alert.sentence.startswith("The review is 1 day late.")
    assert told(alert) == {
        ("reviewer@example.org", "reviewer"),
        ("pilot.owner@example.org", "pilot owner"),
        ("owner@example.org", "decision owner"),
    }
    assert Notification.objects.count() == 3


def test_a_review_is_told_again_when_it_counts_as_missed_and_over_when_it_is_signed() -> None:
    pilot = a_running_pilot()
    review = a_review(pilot, due_on=TODAY - DAY)
    for day in range(9):
        watch_pilots(now=NOON + day * DAY)
    alert = pilot.alerts.get()
    assert alert.severity == "SEV2"
    assert alert.sentence.startswith("The review is 9 days late.")
    assert [e.kind for e in alert.events.exclude(kind="note")] == ["opened", "worsened"]
    signing = {"status": Review.Status.SIGNED_OFF, "outcome": "continue", "signed_at": NOON + 9 * DAY}
    Review.objects.filter(pk=review.pk).update(**signing)
    watch_pilots(now=NOON + 9 * DAY)
    alert.refresh_from_db()
    assert (alert.status, alert.resolution) == ("resolved", "recovered")
    assert alert.sentence == "The review, due on Sun 29 Mar, is settled: signed on Wed 8 Apr."


def test_a_review_that_a_later_one_made_up_for_is_overdue_no_more() -> None:
    pilot = a_running_pilot()
    a_review(pilot, due_on=TODAY - 10 * DAY)
    signed = {"status": Review.Status.SIGNED_OFF, "outcome": "continue", "signed_at": NOON - DAY}
    a_review(pilot, due_on=TODAY - DAY, **signed)
    assert watch_pilots(now=NOON) == 0


def test_a_day_is_over_where_the_pilot_is() -> None:
    pilot = a_running_pilot(timezone="Pacific/Auckland")
    a_review(pilot, due_on=TODAY)
    assert watch_pilots(now=datetime.combine(TODAY, datetime.min.time(), NOON.tzinfo)) == 0
    assert watch_pilots(now=NOON) == 1, "it is past midnight in Auckland"


@pytest.mark.parametrize("status", ["running", "paused"])
def test_a_stage_past_its_planned_end_is_told_to_the_owners_also_of_a_paused_pilot(status: str) -> None:
    pilot = a_running_pilot(cadence_days=7)
    a_late_stage(pilot)
    Pilot.objects.update(status=status)
    assert watch_pilots(now=NOON) == 1
    alert = pilot.alerts.get()
    assert (alert.kind, alert.scope, alert.severity) == ("slow_execution", "stage:1", "SEV3")
    assert {address for address, _ in told(alert)} == {"pilot.owner@example.org", "owner@example.org"}


def test_the_last_stage_has_until_the_pilots_own_end() -> None:
    pilot = a_running_pilot()
    Pilot.objects.update(end=TODAY - DAY)
    assert watch_pilots(now=NOON) == 1
    Pilot.objects.update(end=TODAY + DAY)
    assert watch_pilots(now=NOON) == 1
    assert pilot.alerts.get().sentence == "Stage “first accounts” has until Tue 31 Mar now."


@pytest.mark.parametrize("status", ["draft", "ready"])
def test_what_has_not_started_is_late_for_nothing(status: str) -> None:
    pilot = a_running_pilot()
    a_late_stage(pilot)
    a_review(pilot, due_on=TODAY - DAY)
    Pilot.objects.update(status=status)
    assert watch_pilots(now=NOON) == 0


def test_of_a_pilot_that_has_ended_only_the_closing_review_is_missed() -> None:
    pilot = a_running_pilot()
    a_late_stage(pilot)
    a_review(pilot, due_on=TODAY - DAY)
    closing = a_review(pilot, due_on=TODAY - 20 * DAY, kind=Review.Kind.OUTCOME)
    Pilot.objects.update(status="stopped")
    watch_pilots(now=NOON)
    assert open_alerts(pilot) == {f"review:{closing.pk}": "SEV3"}
    assert pilot.alerts.get().sentence.startswith("The closing review is 20 days late.")


def test_a_risk_shows_with_its_planned_response_and_its_owner_is_told() -> None:
    pilot = a_running_pilot()
    a_late_stage(pilot)
    risk = a_risk(pilot, "stage_overdue", text="Slow execution", owner=a_person("risk@example.org"))
    a_risk(pilot, "review_overdue")
    a_risk(pilot, "")
    watch_pilots(now=NOON)
    assert set(open_alerts(pilot)) == {"stage:1", f"risk:{risk.pk}"}
    alert = pilot.alerts.get(kind="risk_signal")
    assert "You planned: Ask for a daily export." in alert.sentence
    assert told(alert) == {("risk@example.org", "risk owner"), ("pilot.owner@example.org", "pilot owner")}
    mail = alert.notifications.first()
    assert mail is not None
    assert mail.subject == "Risk: The risk “Slow execution” shows (tiers)"
    assert mail.text.count("Ask for a daily export.") == 1
    pilot.stages.update(planned_end=TODAY + DAY)
    watch_pilots(now=NOON + DAY)
    assert open_alerts(pilot) == {}


def test_a_risk_about_data_shows_while_readings_are_owed_also_after_the_pilot_is_paused() -> None:
    pilot = a_running_pilot(days=20)
    risk = a_risk(pilot, "data_state")
    evaluate_pilot(pilot_id=pilot.pk, now=NOON)
    assert pilot.alerts.unresolved().filter(kind="no_data").exists()
    Pilot.objects.update(status="paused")
    assert watch_pilots(now=NOON) == 1
    shown = pilot.alerts.get(kind="risk_signal")
    assert shown.scope == f"risk:{risk.pk}"
    assert "Resolution time: no readings since" in shown.sentence


def test_a_look_leaves_the_calendars_alerts_alone_and_the_calendar_those_of_a_look() -> None:
    pilot = a_running_pilot(days=20)
    a_late_stage(pilot)
    watch_pilots(now=NOON)
    evaluate_pilot(pilot_id=pilot.pk, now=NOON)
    watch_pilots(now=NOON)
    evaluate_pilot(pilot_id=pilot.pk, now=NOON + DAY)
    kinds = set(pilot.alerts.unresolved().values_list("kind", flat=True))
    assert {"slow_execution", "no_data"} <= kinds


def test_a_late_stage_that_is_put_up_with_is_told_again_when_that_time_is_over() -> None:
    pilot = a_running_pilot()
    a_late_stage(pilot)
    watch_pilots(now=NOON)
    alert = pilot.alerts.get()
    acknowledge(alert_id=alert.pk, by=a_person("pilot.owner@example.org"), now=NOON)
    accept(alert_id=alert.pk, by=a_person(), reason="A holiday", until=TODAY + 2 * DAY, now=NOON)
    states = []
    for day in range(1, 5):
        while advance_next(now=NOON + day * DAY):
            pass
        watch_pilots(now=NOON + day * DAY)
        states.append(pilot.alerts.get().status)
    assert states == ["resolved", "resolved", "open", "open"]


def test_what_was_taken_out_of_the_plan_is_closed() -> None:
    pilot = a_running_pilot()
    a_late_stage(pilot)
    risk = a_risk(pilot, "stage_overdue")
    watch_pilots(now=NOON)
    risk.delete()
    watch_pilots(now=NOON)
    assert open_alerts(pilot) == {"stage:1": "SEV3"}


def test_one_pilot_in_trouble_keeps_no_other_unwatched(monkeypatch: pytest.MonkeyPatch) -> None:
    for ref in ("one", "two"):
        a_late_stage(a_running_pilot(ref))
    Pilot.objects.filter(ref="one").update(timezone="Not/AZone")
    watch_pilots(now=NOON)
    assert list(Alert.objects.values_list("pilot__ref", flat=True)) == ["two"]


def test_more_late_pilots_than_one_call_takes_come_with_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pilots.services.watching.AT_A_TIME", 2)
    for ref in ("one", "two", "three"):
        a_late_stage(a_running_pilot(ref, days=1))
    assert [watch_pilots(now=NOON) for _ in range(3)] == [2, 1, 0]


@pytest.mark.django_db(transaction=True)
def test_two_watchers_at_once_tell_it_once() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL: threads share one connection of the in-memory database")
    a_late_stage(a_running_pilot(days=1))
    at_once(*[lambda: watch_pilots(now=NOON)] * 4)
    assert Alert.objects.count() == 1
    assert Notification.objects.count() == 2
    assert Alert.objects.get().events.filter(kind="opened").count() == 1


def test_a_round_without_news_costs_the_same_at_two_and_at_twelve_late_pilots() -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert watch_pilots(now=NOON + timedelta(hours=1)) == 0
        return len(queries)

    def late(ref: str) -> None:
        pilot = a_running_pilot(ref, days=1)
        a_metric(pilot, "other")
        a_late_stage(pilot)
        a_risk(pilot, "stage_overdue")
        a_review(pilot, due_on=TODAY - DAY)

    for ref in ("one", "two"):
        late(ref)
    assert watch_pilots(now=NOON) == 6
    few = cost()
    for number in range(10):
        late(f"more-{number}")
    assert watch_pilots(now=NOON) == 30
    assert cost() == few
    assert few <= 8


def a_late_review_that_is_put_up_with(pilot: Pilot) -> Review:
    review = a_review(pilot, due_on=TODAY - DAY)
    watch_pilots(now=NOON)
    alert = pilot.alerts.get()
    acknowledge(alert_id=alert.pk, by=a_person("pilot.owner@example.org"), now=NOON)
    accept(alert_id=alert.pk, by=a_person(), reason="A holiday", until=TODAY + 2 * DAY, now=NOON)
    return review


def test_a_review_that_is_signed_while_its_lateness_is_put_up_with_stays_settled() -> None:
    pilot = a_running_pilot()
    review = a_late_review_that_is_put_up_with(pilot)
    signing = {"status": Review.Status.SIGNED_OFF, "outcome": "continue", "signed_at": NOON + DAY}
    Review.objects.filter(pk=review.pk).update(**signing)
    watch_pilots(now=NOON + DAY)
    while advance_next(now=NOON + 4 * DAY):
        pass
    assert [e.kind for e in pilot.alerts.get().events.exclude(kind="note")][-1] == "accepted"


def test_what_is_put_up_with_and_leaves_the_plan_is_over_and_costs_no_further_look() -> None:
    pilot = a_running_pilot()
    a_late_review_that_is_put_up_with(pilot).delete()
    watch_pilots(now=NOON + DAY)
    alert = pilot.alerts.get()
    assert (alert.status, alert.accepted_until, alert.due_at) == ("resolved", None, None)
