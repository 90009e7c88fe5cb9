from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from pilots.evaluation.vocabulary import Verdict
from pilots.models import Alert, Evaluation, Notification, Pilot, PilotMove, PilotState, ReadingRevision
from pilots.services.concluding import conclude
from pilots.services.errors import Refused
from pilots.services.evaluating import RETRIES, evaluate_next, evaluate_pilot
from pilots.services.leasing import ClaimLost, claim_pilot
from pilots.services.looking import look_at_pilot, sights_of
from pilots.services.touching import touch
from tests.builders import NOON, a_pilot, a_running_pilot
from tests.services.stories import day, end_of, everything, judge, record

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MINUTE = timedelta(minutes=1)


def state_of(pilot: Pilot) -> PilotState:
    return PilotState.objects.get(pilot=pilot)


def test_a_pilot_past_its_stop_limit_gets_a_verdict_an_alert_and_one_mail_per_person() -> None:
    pilot = a_running_pilot(mean=24.0)
    assert judge(pilot, 29).verdict is Verdict.STOP
    stop = Alert.objects.get(kind="stop_condition")
    assert stop.status == Alert.Status.OPEN
    assert stop.condition is not None
    assert stop.condition.ref == "S1"
    recipients = stop.notifications.values_list("recipient", flat=True)
    assert sorted(recipients) == ["owner@example.org", "pilot.owner@example.org"]


def test_however_often_the_tick_runs_the_rows_stay_the_same() -> None:
    pilot = a_running_pilot(mean=24.0)
    judge(pilot, 29)
    before = everything()
    for _ in range(3):
        judge(pilot, 29)
    assert everything() == before


def test_a_look_at_which_nothing_changed_only_moves_the_heartbeat() -> None:
    pilot = a_running_pilot()
    evaluate_pilot(pilot_id=pilot.pk, now=NOON)
    evaluate_pilot(pilot_id=pilot.pk, now=NOON + MINUTE)
    assert Evaluation.objects.count() == 1
    assert state_of(pilot).last_evaluated_at == NOON + MINUTE


def test_a_due_pilot_is_judged_once_and_then_waits_for_its_next_look() -> None:
    pilot = a_running_pilot()
    assert evaluate_next(now=NOON)
    assert not evaluate_next(now=NOON)
    next_look = state_of(pilot).next_look_at
    assert next_look is not None
    assert not evaluate_next(now=next_look - MINUTE)
    assert evaluate_next(now=next_look)


def test_a_new_reading_makes_a_pilot_due_again() -> None:
    pilot = a_running_pilot()
    evaluate_next(now=end_of(29))
    record(pilot.metrics.get(), mean=20.0, days=(29, 29))
    assert evaluate_next(now=end_of(29) + MINUTE)
    assert not evaluate_next(now=end_of(29) + MINUTE)


def test_a_reading_that_arrives_while_a_pilot_is_judged_is_not_lost() -> None:
    pilot = a_running_pilot()
    claim = claim_pilot(pilot.pk)
    assert claim is not None
    look = look_at_pilot(pilot.pk, NOON)
    touch(pilot.pk)
    conclude(claim, look, NOON)
    assert evaluate_next(now=NOON + MINUTE)


def test_a_pilot_that_is_being_judged_is_left_alone() -> None:
    pilot = a_running_pilot()
    assert claim_pilot(pilot.pk) is not None
    assert not evaluate_next(now=NOON)
    with pytest.raises(Refused, match="being judged right now"):
        evaluate_pilot(pilot_id=pilot.pk, now=NOON)


def test_a_worker_that_slept_through_its_lease_changes_nothing() -> None:
    pilot = a_running_pilot(mean=24.0)
    sleeper = claim_pilot(pilot.pk)
    assert sleeper is not None
    look = look_at_pilot(pilot.pk, NOON)
    PilotState.objects.update(lease_until=timezone.now() - MINUTE)
    assert evaluate_next(now=NOON)
    before = everything()
    with pytest.raises(ClaimLost):
        conclude(sleeper, look, NOON)
    assert everything() == before


def test_a_pilot_that_was_stopped_while_it_was_judged_keeps_its_last_verdict() -> None:
    pilot = a_running_pilot(mean=24.0)
    claim = claim_pilot(pilot.pk)
    assert claim is not None
    look = look_at_pilot(pilot.pk, NOON)
    Pilot.objects.update(status="stopped")
    with pytest.raises(ClaimLost, match="moved while it was judged"):
        conclude(claim, look, NOON)
    assert not Evaluation.objects.exists()
    assert not Alert.objects.exists()


class TestAPilotThatCannotBeJudged:
    @pytest.fixture
    def broken(self) -> Pilot:
        pilot = a_running_pilot("broken")
        Pilot.objects.filter(pk=pilot.pk).update(timezone="Nowhere/Land")
        return pilot

    def test_marks_only_itself_and_never_stops_the_others(self, broken: Pilot) -> None:
        well = a_running_pilot("well")
        while evaluate_next(now=NOON):
            pass
        assert state_of(well).verdict
        assert state_of(broken).failures == 1
        assert "Nowhere/Land" in state_of(broken).last_error

    def test_waits_longer_each_time(self, broken: Pilot) -> None:
        now = NOON
        for wait in (*RETRIES, RETRIES[-1]):
            assert evaluate_next(now=now)
            assert not evaluate_next(now=now + wait - timedelta(seconds=1))
            now += wait

    def test_tells_its_owners_once_from_the_third_time_on_and_closes_when_it_is_mended(
        self, broken: Pilot
    ) -> None:
        now = NOON
        for failures in range(1, 6):
            evaluate_next(now=now)
            assert Alert.objects.filter(kind="technical").exists() == (failures >= 3)
            now += RETRIES[-1]
        alert = Alert.objects.get(kind="technical")
        assert alert.notifications.count() == 2
        Pilot.objects.update(timezone="UTC")
        evaluate_next(now=now)
        alert.refresh_from_db()
        assert alert.status == Alert.Status.RESOLVED
        assert state_of(broken).failures == 0

    def test_raises_nothing_once_a_person_has_ended_it(
        self, broken: Pilot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        PilotState.objects.filter(pilot=broken).update(failures=2)

        def load_while_it_ends(instants: Mapping[int, datetime]) -> Any:
            sights = sights_of(instants)
            Pilot.objects.update(status="stopped")
            return sights

        monkeypatch.setattr("pilots.services.evaluating.sights_of", load_while_it_ends)
        evaluate_next(now=NOON)
        assert state_of(broken).failures == 3
        assert not Alert.objects.exists()


def test_a_paused_pilot_is_not_due_and_not_judged() -> None:
    pilot = a_running_pilot()
    Pilot.objects.update(status="paused")
    assert not evaluate_next(now=NOON)
    with pytest.raises(Refused, match="only running pilots are judged"):
        evaluate_pilot(pilot_id=pilot.pk, now=NOON)


def test_a_pilot_without_a_start_is_refused_in_words() -> None:
    pilot = a_pilot(start=None, end=None)
    with pytest.raises(Refused, match="has no start yet"):
        evaluate_pilot(pilot_id=pilot.pk, now=NOON, dry_run=True)


def test_a_look_before_the_newest_one_is_refused_and_dry_looks_see_what_was_known_then() -> None:
    pilot = a_running_pilot(mean=20.0, days=20)
    record(pilot.metrics.get(), mean=40.0, days=(21, 28))
    assert judge(pilot, 28).verdict is Verdict.STOP
    before = everything()
    with pytest.raises(Refused, match="never rewritten"):
        judge(pilot, 20)
    past = evaluate_pilot(pilot_id=pilot.pk, now=end_of(20), dry_run=True)
    assert past.verdict is Verdict.ON_TRACK
    assert everything() == before


def test_readings_count_as_their_source_knew_them_at_the_look() -> None:
    pilot = a_running_pilot(days=20)
    metric = pilot.metrics.get()
    record(metric, mean=60.0, days=(15, 20), known=25)
    assert evaluate_pilot(pilot_id=pilot.pk, now=end_of(20), dry_run=True).conditions[0].value == 20.0
    later = evaluate_pilot(pilot_id=pilot.pk, now=end_of(25), dry_run=True)
    assert later.conditions[0].value == pytest.approx((1 * 20 + 6 * 60) / 7)


def test_of_two_values_for_one_instant_the_one_that_came_last_counts() -> None:
    pilot = a_running_pilot(days=28)
    wrong = ReadingRevision.objects.filter(day=day(28), segment="low").get()
    wrong.pk, wrong.total, wrong.kind = None, 25 * 34.0, "corrected"
    wrong.save()
    known = ReadingRevision.objects.readings_known(pilot.pk, NOON)
    newest = {r.segment: r.moments.mean for r in known if r.day == day(28)}
    assert newest == {"low": 34.0, "high": 20.0}
    assert len(known) == 56


def test_a_corrected_reading_changes_the_state_but_never_a_past_evaluation() -> None:
    pilot = a_running_pilot(mean=24.0)
    assert judge(pilot, 28).verdict is Verdict.STOP
    past = Evaluation.objects.values().get()
    record(pilot.metrics.get(), mean=20.0, days=(1, 28), known=29)
    assert judge(pilot, 29).verdict is Verdict.ON_TRACK
    assert Evaluation.objects.count() == 2
    assert Evaluation.objects.filter(pk=past["id"]).values().get() == past
    assert state_of(pilot).verdict == "on_track"


def test_a_past_evaluation_can_be_neither_rewritten_nor_deleted() -> None:
    judge(a_running_pilot(), 28)
    evaluation = Evaluation.objects.get()
    with pytest.raises(TypeError, match="never rewritten"):
        evaluation.save()
    with pytest.raises(TypeError, match="never deleted"):
        evaluation.delete()


def test_an_edited_rule_makes_a_new_evaluation_that_names_its_version() -> None:
    pilot = a_running_pilot()
    evaluate_pilot(pilot_id=pilot.pk, now=NOON)
    pilot.conditions.filter(ref="S1").update(rule_version=2)
    evaluate_pilot(pilot_id=pilot.pk, now=NOON)
    versions = [e.versions["conditions"]["S1"] for e in Evaluation.objects.order_by("pk")]
    assert versions == [1, 2]


class TestAPilotThatPausesOnStop:
    def test_is_paused_by_the_engine_with_the_verdict_of_that_moment(self) -> None:
        pilot = a_running_pilot(mean=24.0, pause_on_stop=True)
        judge(pilot, 29)
        pilot.refresh_from_db()
        assert pilot.status == Pilot.Status.PAUSED
        move = PilotMove.objects.get()
        assert (move.actor, move.verdict) == ("engine", "stop")
        assert "The pilot is paused." in Notification.objects.filter(alert__kind="stop_condition")[0].text

    def test_is_not_paused_again_by_the_same_episode(self) -> None:
        pilot = a_running_pilot(mean=24.0, pause_on_stop=True)
        judge(pilot, 29)
        Pilot.objects.update(status="running")
        judge(pilot, 30)
        assert PilotMove.objects.count() == 1
