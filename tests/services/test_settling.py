"""An alert ends by a decision: to go on, to put up with it, to close it, to pause or to stop."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pilots.evaluation.vocabulary import Verdict
from pilots.models import Alert, Continuance, Notification, Pilot, User
from pilots.permissions import NotAllowed
from pilots.services.acknowledging import acknowledge, hand_over
from pilots.services.concluding import conclude
from pilots.services.errors import Refused
from pilots.services.escalating import advance_next
from pilots.services.evaluating import evaluate_pilot
from pilots.services.leasing import claim_pilot
from pilots.services.looking import look_at_pilot
from pilots.services.piloting import pause_pilot, resume_pilot, stop_pilot
from pilots.services.settling import accept, close_by_hand, continue_past, keep_paused, raise_by_hand
from tests.builders import a_running_pilot
from tests.services.stories import day, end_of, judge, record, told, turns

pytestmark = [pytest.mark.django_db, pytest.mark.database]

FIRED = end_of(28)
LATER = FIRED + timedelta(minutes=30)
HOUR = timedelta(hours=1)


def the(name: str) -> User:
    return User.objects.get(email=f"{name}@example.org")


def the_alert(kind: str = "stop_condition") -> Alert:
    return Alert.objects.get(kind=kind)


class TestGoingOnPastAStopCondition:
    """15% longer, where 10% is the limit."""

    @pytest.fixture
    def pilot(self) -> Pilot:
        pilot = a_running_pilot(mean=23.0)
        judge(pilot, 28)
        Notification.objects.update(state="sent")
        return pilot

    def test_until_a_day_closes_it_until_then(self, pilot: Pilot) -> None:
        go_on(until=day(31))
        assert evaluate_pilot(pilot_id=pilot.pk, now=LATER).verdict is Verdict.ESCALATE
        record(pilot.metrics.get(), mean=23.0, days=(29, 32))
        for number in (29, 30, 31):
            judge(pilot, number)
            assert the_alert().status == "resolved"
        assert judge(pilot, 32).verdict is Verdict.STOP
        assert [a.status for a in Alert.objects.filter(kind="stop_condition").order_by("pk")] == [
            "resolved",
            "open",
        ]

    def test_while_the_engine_is_looking_is_not_undone_by_that_look(self, pilot: Pilot) -> None:
        claim = claim_pilot(pilot.pk)
        assert claim is not None
        look = look_at_pilot(pilot.pk, LATER)
        go_on(until=day(31), now=LATER + timedelta(seconds=1))
        conclude(claim, look, LATER)
        assert the_alert().status == "resolved"
        evaluate_pilot(pilot_id=pilot.pk, now=LATER + timedelta(seconds=2))
        assert turns(the_alert()) == ["opened", "continued"]

    def test_is_kept_with_who_why_and_until_when_and_told_to_those_who_knew(self, pilot: Pilot) -> None:
        alert = go_on(until=day(31), limit=0.3)
        kept = Continuance.objects.get()
        assert (kept.by, kept.reason, kept.until, kept.limit) == (
            the("owner"),
            "It is the holidays.",
            day(31),
            0.3,
        )
        assert (alert.status, alert.resolution, alert.due_at) == ("resolved", "continued", None)
        assert turns(alert) == ["opened", "continued"]
        assert told(alert, "continued") == told(alert, "opened") != []

    def test_is_said_wherever_the_rule_is(self, pilot: Pilot) -> None:
        go_on(until=day(31), limit=0.3)
        result = evaluate_pilot(pilot_id=pilot.pk, now=LATER)
        said = next(c.sentence for c in result.conditions if c.ref == "S1")
        assert said.endswith("You decided on Sun 29 Mar to go on until Wed 1 Apr or 30% higher.")

    def test_is_asked_again_at_once_when_it_gets_worse_than_was_allowed(self, pilot: Pilot) -> None:
        go_on(until=day(60), limit=0.2)
        evaluate_pilot(pilot_id=pilot.pk, now=LATER)
        record(pilot.metrics.get(), mean=26.0, days=(29, 36))
        judge(pilot, 36)
        first, second = Alert.objects.filter(kind="stop_condition").order_by("pk")
        assert (first.resolution, second.status, second.previous) == ("continued", "open", first)

    @pytest.mark.parametrize(
        ("changes", "why"),
        [
            pytest.param({"reason": ""}, "Say why", id="without a reason"),
            pytest.param({"until": None}, "Say until which day, or up to which limit", id="without an end"),
            pytest.param({"until": day(28)}, "Sun 29 Mar is not ahead", id="until today"),
            pytest.param({"limit": 0.1}, "past that already", id="up to the limit it had"),
            pytest.param({"limit": 0.15}, "past that already", id="up to where it stands"),
        ],
    )
    def test_is_refused(self, pilot: Pilot, changes: dict[str, Any], why: str) -> None:
        with pytest.raises(Refused, match=why):
            go_on(**{"until": day(31), **changes})
        assert not Continuance.objects.exists()

    def test_up_to_where_no_number_can_get_needs_a_day_too(self) -> None:
        pilot = a_running_pilot(mean=16.0)
        pilot.metrics.update(direction="higher_is_better")
        judge(pilot, 28)
        with pytest.raises(Refused, match="never get past that limit"):
            go_on(until=None, limit=1.2)
        assert go_on(until=day(31), limit=1.2).resolution == "continued"

    def test_is_for_the_owners(self, pilot: Pilot) -> None:
        with pytest.raises(NotAllowed, match="Only the decision owner"):
            go_on(by=the("reviewer"), until=day(31))

    def test_is_for_stop_conditions_only(self, pilot: Pilot) -> None:
        with pytest.raises(Refused, match="Only a stop condition"):
            go_on(kind="escalation_trigger", until=day(31))


class TestAPause:
    def test_answers_a_stop_condition_and_tells_who_knew(self) -> None:
        pilot = a_running_pilot(mean=24.0)
        judge(pilot, 28)
        Notification.objects.update(state="sent")
        pause_pilot(pilot_id=pilot.pk, by=the("owner"), reason="First look at it.", now=LATER)
        alert = the_alert()
        assert (alert.status, alert.resolution) == ("resolved", "paused")
        assert told(alert, "resolved") == told(alert, "opened")
        assert the_alert("escalation_trigger").status == "open"

    def test_does_not_answer_it_for_good(self) -> None:
        pilot = a_running_pilot(mean=24.0)
        judge(pilot, 28)
        pause_pilot(pilot_id=pilot.pk, by=the("owner"), reason="First look at it.", now=LATER)
        resume_pilot(pilot_id=pilot.pk, by=the("owner"), reason="Looked.", now=LATER + HOUR)
        evaluate_pilot(pilot_id=pilot.pk, now=LATER + 2 * HOUR)
        assert turns(the_alert()) == ["opened", "resolved", "reopened"]


class TestAPauseByTheEngine:
    """It stands until a person has decided on the stop condition that asked for it."""

    @pytest.fixture
    def pilot(self) -> Pilot:
        pilot = a_running_pilot(mean=23.0, pause_on_stop=True)
        judge(pilot, 28)
        Notification.objects.update(state="sent")
        return pilot

    def test_is_not_ended_by_a_reason_alone(self, pilot: Pilot) -> None:
        with pytest.raises(Refused, match=rf"Decide on {the_alert().ref} first: go on, keep it paused"):
            resume(pilot)
        assert status_of(pilot) == "paused"

    def test_ends_once_somebody_decided_to_go_on(self, pilot: Pilot) -> None:
        go_on(until=day(31))
        resume(pilot)
        evaluate_pilot(pilot_id=pilot.pk, now=LATER + 2 * HOUR)
        assert status_of(pilot) == "running"

    def test_becomes_a_persons_who_says_so_and_tells_who_knew(self, pilot: Pilot) -> None:
        alert = stay_paused()
        assert (alert.status, alert.resolution, status_of(pilot)) == ("resolved", "paused", "paused")
        assert alert.events.get(kind="resolved").actor == the("owner")
        assert told(alert, "resolved") == told(alert, "opened") != []

    def test_comes_again_where_it_is_still_so_after_that(self, pilot: Pilot) -> None:
        stay_paused()
        resume(pilot)
        evaluate_pilot(pilot_id=pilot.pk, now=LATER + 2 * HOUR)
        assert turns(the_alert()) == ["opened", "resolved", "reopened"]
        assert status_of(pilot) == "paused"

    def test_is_kept_by_the_owners_with_a_reason(self, pilot: Pilot) -> None:
        with pytest.raises(Refused, match="Say why"):
            stay_paused(reason=" ")
        with pytest.raises(NotAllowed, match="Only the decision owner"):
            stay_paused(by=the("reviewer"))

    def test_is_nothing_to_keep_while_it_runs(self) -> None:
        judge(a_running_pilot(mean=23.0), 28)
        with pytest.raises(Refused, match="is not paused"):
            stay_paused()

    def test_answers_stop_conditions_only(self, pilot: Pilot) -> None:
        with pytest.raises(Refused, match="Only a stop condition"):
            stay_paused(kind="escalation_trigger")


def test_the_end_of_a_pilot_tells_who_was_told_of_its_alerts() -> None:
    pilot = a_running_pilot(mean=24.0)
    judge(pilot, 28)
    Notification.objects.update(state="sent")
    stop_pilot(pilot_id=pilot.pk, by=the("owner"), reason="Enough.", returned_to="Phone support.", now=LATER)
    for alert in Alert.objects.all():
        assert (alert.status, alert.resolution, alert.due_at) == ("resolved", "stopped", None)
        assert told(alert, "resolved") == told(alert, "opened") != []


class TestPuttingUpWithIt:
    @pytest.fixture
    def pilot(self) -> Pilot:
        """8% longer: past the trigger only; the pilot owner has its alert."""
        pilot = a_running_pilot(mean=21.6)
        judge(pilot, 28)
        Notification.objects.update(state="sent")
        acknowledge(alert_id=Alert.objects.get().pk, by=the("pilot.owner"), now=FIRED)
        return pilot

    def test_takes_somebody_else(self, pilot: Pilot) -> None:
        with pytest.raises(NotAllowed, match="who has not had this alert"):
            put_up_with(by=the("pilot.owner"))
        assert put_up_with().accepted_by == the("owner")

    def test_is_not_for_whoever_had_it_and_gave_it_away(self, pilot: Pilot) -> None:
        give("pilot.owner", to="owner")
        with pytest.raises(NotAllowed, match="who has not had this alert"):
            put_up_with(by=the("pilot.owner"))
        assert put_up_with(by=the("reviewer")).accepted_by == the("reviewer")

    def test_is_not_for_whoever_let_it_lapse(self, pilot: Pilot) -> None:
        give("pilot.owner", to="owner")
        Alert.objects.update(owner=None, status="open")
        acknowledge(alert_id=Alert.objects.get().pk, by=the("pilot.owner"), now=LATER)
        with pytest.raises(NotAllowed, match="who has not had this alert"):
            put_up_with(by=the("owner"))

    def test_counts_from_when_it_opened_again(self, pilot: Pilot) -> None:
        put_up_with(until=day(30))
        record(pilot.metrics.get(), mean=21.6, days=(29, 30))
        judge(pilot, 30)
        advance_next(now=end_of(31))
        acknowledge(alert_id=Alert.objects.get().pk, by=the("owner"), now=end_of(31))
        again = put_up_with(by=the("pilot.owner"), now=end_of(31))
        assert again.accepted_by == the("pilot.owner")

    def test_takes_somebody_who_has_it(self, pilot: Pilot) -> None:
        Alert.objects.update(owner=None, status="open")
        with pytest.raises(Refused, match="Nobody has it yet"):
            put_up_with()

    def test_closes_it_and_the_engine_leaves_it_closed_while_it_is_so(self, pilot: Pilot) -> None:
        alert = put_up_with(until=day(32))
        record(pilot.metrics.get(), mean=21.6, days=(29, 32))
        for number in (29, 30, 31):
            judge(pilot, number)
        assert Alert.objects.get() == alert
        assert (alert.status, alert.resolution) == ("resolved", "accepted")
        assert told(alert, "accepted") == ["owner@example.org"]

    def test_opens_again_after_its_last_day_if_it_is_still_so(self, pilot: Pilot) -> None:
        alert = put_up_with(until=day(30))
        record(pilot.metrics.get(), mean=21.6, days=(29, 30))
        judge(pilot, 30)
        assert not advance_next(now=end_of(30))
        assert advance_next(now=end_of(30) + HOUR)
        alert.refresh_from_db()
        assert (alert.status, alert.accepted_by, alert.accepted_until) == ("open", None, None)
        assert turns(alert) == ["opened", "acknowledged", "accepted", "reopened"]
        assert told(alert, "reopened") == ["owner@example.org"]

    def test_stays_closed_after_that_day_where_it_recovered(self, pilot: Pilot) -> None:
        alert = put_up_with(until=day(40))
        record(pilot.metrics.get(), mean=19.0, days=(29, 40))
        for number in range(29, 41):
            judge(pilot, number)
        while advance_next(now=end_of(41)):
            pass
        alert.refresh_from_db()
        assert (alert.status, alert.due_at) == ("resolved", None)

    def test_opens_again_early_when_it_gets_worse(self, pilot: Pilot) -> None:
        alert = put_up_with(until=day(40))
        pilot.conditions.filter(ref="E1").update(severity="SEV1")
        judge(pilot, 29)
        alert.refresh_from_db()
        assert (alert.status, alert.severity) == ("open", "SEV1")

    def test_is_no_answer_to_a_stop_condition(self) -> None:
        judge(a_running_pilot(mean=24.0), 28)
        with pytest.raises(Refused, match="continue, pause or stop"):
            put_up_with(kind="stop_condition")

    def test_needs_a_day_that_is_ahead(self, pilot: Pilot) -> None:
        with pytest.raises(Refused, match="is not ahead"):
            put_up_with(until=day(28))


class TestClosingByHand:
    def test_is_refused_while_it_is_so(self) -> None:
        judge(a_running_pilot(mean=21.6), 28)
        with pytest.raises(Refused, match="It is still so: Resolution time"):
            close(the_alert("escalation_trigger"))

    def test_is_never_for_a_stop_condition(self) -> None:
        judge(a_running_pilot(mean=24.0), 28)
        Alert.objects.update(result={"standing": "eased"})
        with pytest.raises(Refused, match="continue, pause or stop"):
            close(the_alert())

    def test_ends_what_was_raised_by_hand_and_tells_who_knew(self) -> None:
        pilot = a_running_pilot()
        judge(pilot, 28)
        alert = raise_it(pilot)
        Notification.objects.update(state="sent")
        closed = close(alert)
        assert (closed.status, closed.resolution) == ("resolved", "closed")
        assert told(alert, "resolved") == told(alert, "opened")


class TestRaisingByHand:
    @pytest.fixture
    def pilot(self) -> Pilot:
        pilot = a_running_pilot()
        judge(pilot, 28)
        return pilot

    def test_tells_the_owners_and_climbs_like_any_other(self, pilot: Pilot) -> None:
        alert = raise_it(pilot)
        assert (alert.kind, alert.status, alert.severity) == ("manual", "open", "SEV3")
        assert told(alert, "opened") == ["owner@example.org", "pilot.owner@example.org"]
        assert alert.step_due_at is not None
        assert alert.events.get().actor == the("pilot.owner")

    def test_twice_makes_two(self, pilot: Pilot) -> None:
        assert raise_it(pilot) != raise_it(pilot)

    def test_is_left_alone_by_the_engine(self, pilot: Pilot) -> None:
        alert = raise_it(pilot)
        judge(pilot, 29)
        alert.refresh_from_db()
        assert alert.status == "open"

    @pytest.mark.parametrize(
        ("changes", "why"),
        [({"sentence": " "}, "Say in a sentence"), ({"severity": "SEV9"}, "“SEV9” is no severity")],
    )
    def test_is_refused(self, pilot: Pilot, changes: dict[str, str], why: str) -> None:
        with pytest.raises(Refused, match=why):
            raise_it(pilot, **changes)


def resume(pilot: Pilot) -> None:
    resume_pilot(pilot_id=pilot.pk, by=the("owner"), reason="Looked.", now=LATER + HOUR)


def status_of(pilot: Pilot) -> str:
    return Pilot.objects.get(pk=pilot.pk).status


def stay_paused(kind: str = "stop_condition", **changes: Any) -> Alert:
    fields: dict[str, Any] = {"by": the("owner"), "reason": "We look into it.", "now": LATER}
    return keep_paused(alert_id=the_alert(kind).pk, **(fields | changes))


def go_on(kind: str = "stop_condition", **changes: Any) -> Alert:
    fields: dict[str, Any] = {
        "by": the("owner"),
        "reason": "It is the holidays.",
        "limit": None,
        "now": LATER,
    }
    return continue_past(alert_id=the_alert(kind).pk, **(fields | changes))


def put_up_with(kind: str = "escalation_trigger", **changes: Any) -> Alert:
    fields: dict[str, Any] = {
        "by": the("owner"),
        "reason": "Known and small.",
        "until": day(40),
        "now": LATER,
    }
    return accept(alert_id=the_alert(kind).pk, **(fields | changes))


def give(name: str, *, to: str) -> None:
    hand_over(alert_id=Alert.objects.get().pk, by=the(name), to=the(to), note="Yours.", now=FIRED)


def close(alert: Alert) -> Alert:
    return close_by_hand(alert_id=alert.pk, by=the("owner"), reason="It is over.", now=LATER)


def raise_it(pilot: Pilot, **changes: str) -> Alert:
    fields = {"severity": "SEV3", "sentence": "Three customers wrote about it."} | changes
    return raise_by_hand(pilot_id=pilot.pk, by=the("pilot.owner"), now=LATER, **fields)
