from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from pilots.models import Decision, Membership, Pilot, PilotState, Role, Stage, User
from pilots.permissions import NotAllowed
from pilots.services.errors import Refused, Stale
from pilots.services.piloting import (
    back_to_draft,
    change_pilot,
    close_inconclusive,
    create_pilot,
    invalidate_pilot,
    mark_ready,
    pause_by_engine,
    pause_pilot,
    resume_pilot,
    scale_pilot,
    schedule_first_review,
    set_people,
    start_pilot,
    stop_pilot,
)
from tests.builders import (
    NOON,
    START,
    a_complete_pilot,
    a_decision,
    a_person,
    a_pilot,
    a_running_pilot,
    a_taken_decision,
    an_alert,
    an_evaluation,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]

Move = Callable[..., Pilot]


def move(act: Move, pilot: Pilot, by: User, **fields: Any) -> Pilot:
    return act(**{"pilot_id": pilot.pk, "by": by, "reason": "Agreed on Monday.", "now": NOON} | fields)


def change(pilot: Pilot, by: User, **fields: Any) -> Pilot:
    reserved = {name: fields.pop(name) for name in ("reason", "seen_version") if name in fields}
    return change_pilot(pilot_id=pilot.pk, by=by, fields=fields, now=NOON, **reserved)


def a_started_pilot(by: User, *, now: datetime = NOON, **fields: Any) -> Pilot:
    pilot = a_complete_pilot(**fields)
    move(mark_ready, pilot, by, now=now)
    return move(start_pilot, pilot, by, now=now)


def reasons(refused: pytest.ExceptionInfo[Refused]) -> str:
    return " ".join(reason.text for reason in refused.value.reasons)


# Setting up


def test_a_new_pilot_is_a_draft_that_the_engine_knows(owner: User) -> None:
    fields = {"ref": "tiers", "title": "Tier pilot", "dimensions": {"tier": ["basic", "gold"]}}
    pilot = create_pilot(decision_id=a_decision().pk, by=owner, fields=fields, now=NOON)
    assert pilot.status == "draft"
    assert PilotState.objects.get(pilot=pilot).dirty_seq == 1
    assert pilot.history.get().history_user == owner


def test_a_stranger_adds_no_pilot_to_a_decision(stranger: User) -> None:
    with pytest.raises(NotAllowed):
        create_pilot(decision_id=a_decision().pk, by=stranger, fields={"ref": "x", "title": "X"}, now=NOON)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"timezone": "Mars/Base"}, "timezone"),
        ({"end": START}, ""),
        ({"cadence_days": 0}, ""),
        ({"dimensions": {"tier": []}}, "dimensions"),
        ({"status": "running"}, "status"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field(owner: User, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        change(a_pilot(), owner, **fields)
    assert [reason.field for reason in refused.value.reasons] == [field]


def test_an_edit_of_a_running_pilot_needs_a_reason_and_is_judged_anew(owner: User) -> None:
    pilot = a_started_pilot(owner)
    seen = PilotState.objects.get(pilot=pilot).dirty_seq
    with pytest.raises(Refused, match="Say why"):
        change(pilot, owner, cadence_days=7)
    change(pilot, owner, cadence_days=7, reason="Weekly is enough.")
    assert pilot.history.first().history_change_reason == "Weekly is enough."
    assert PilotState.objects.get(pilot=pilot).dirty_seq == seen + 1


def test_the_past_of_a_running_pilot_stays_in_place(owner: User) -> None:
    pilot = a_started_pilot(owner)
    with pytest.raises(Refused) as refused:
        change(pilot, owner, start=START + timedelta(days=1), timezone="Asia/Tokyo", reason="Shift.")
    assert [reason.field for reason in refused.value.reasons] == ["start", "timezone"]


def test_an_ended_pilot_is_a_record(owner: User) -> None:
    pilot = move(close_inconclusive, a_started_pilot(owner), owner)
    with pytest.raises(Refused, match="its record stays"):
        change(pilot, owner, title="Better", reason="Looks nicer.")
    assert change(pilot, owner, title="Tier pilot").version == pilot.version


def test_the_second_of_two_people_editing_at_once_is_told(owner: User) -> None:
    pilot = a_pilot()
    seen = pilot.version
    change(pilot, owner, title="The first", seen_version=seen)
    with pytest.raises(Stale) as stale:
        change(pilot, owner, title="The second", seen_version=seen)
    assert str(stale.value.current) == "The first"
    assert Pilot.objects.get().title == "The first"


# People


def test_people_unknown_by_address_are_created_without_a_password(owner: User) -> None:
    pilot = a_pilot()
    set_people(pilot_id=pilot.pk, by=owner, people={Role.INFORMED: [" New@Example.org "]}, now=NOON)
    newcomer = User.objects.get(email="new@example.org")
    assert not newcomer.has_usable_password()
    assert pilot.memberships.get(role=Role.INFORMED).user == newcomer


def test_a_role_is_held_by_exactly_the_people_named_and_the_change_is_kept(owner: User) -> None:
    pilot = a_pilot()
    set_people(pilot_id=pilot.pk, by=owner, people={Role.PILOT_OWNER: ["ana@example.org"]}, now=NOON)
    assert [m.user.email for m in pilot.memberships.filter(role=Role.PILOT_OWNER)] == ["ana@example.org"]
    assert pilot.memberships.filter(role=Role.REVIEWER).exists()
    turns = Membership.history.filter(role=Role.PILOT_OWNER, history_user=owner)
    assert sorted(turn.history_type for turn in turns) == ["+", "-"]


@pytest.mark.parametrize("address", ["pilot.owner@example.org", "owner@example.org"])
def test_an_owner_can_not_review_their_own_pilot(owner: User, address: str) -> None:
    pilot = a_pilot()
    with pytest.raises(Refused, match="can't review it") as refused:
        set_people(pilot_id=pilot.pk, by=owner, people={Role.REVIEWER: [address]}, now=NOON)
    assert refused.value.reasons[0].where == "people"
    assert pilot.memberships.get(role=Role.REVIEWER).user.email == "reviewer@example.org"


@pytest.mark.parametrize(("role", "address"), [("reviewer", "not an address"), ("emperor", "a@example.org")])
def test_a_wrong_role_or_address_is_named(owner: User, role: str, address: str) -> None:
    with pytest.raises(Refused) as refused:
        set_people(pilot_id=a_pilot().pk, by=owner, people={role: [address]}, now=NOON)
    assert refused.value.reasons[0].field == role


def test_a_stranger_assigns_nobody(stranger: User) -> None:
    with pytest.raises(NotAllowed):
        set_people(pilot_id=a_pilot().pk, by=stranger, people={Role.PILOT_OWNER: [stranger.email]}, now=NOON)


# Becoming ready, starting


def test_a_pilot_is_not_ready_before_everything_is_there_and_every_gap_is_named(owner: User) -> None:
    with pytest.raises(Refused) as refused:
        move(mark_ready, a_pilot(), owner)
    places = [reason.where for reason in refused.value.reasons]
    assert places == ["baselines", "conditions", "conditions", "conditions", "reviews"]
    assert "There is no stop condition" in reasons(refused)


def test_a_complete_pilot_becomes_ready_and_goes_back(owner: User) -> None:
    pilot = move(mark_ready, a_complete_pilot(), owner)
    assert pilot.status == "ready"
    assert move(back_to_draft, pilot, owner).status == "draft"
    assert [(m.from_status, m.to_status, m.actor) for m in pilot.moves.all()] == [
        ("draft", "ready", "Olive Owner"),
        ("ready", "draft", "Olive Owner"),
    ]


def test_starting_runs_the_first_stage_from_the_planned_day(owner: User) -> None:
    pilot = a_started_pilot(owner)
    stage = pilot.stages.get()
    assert (pilot.status, pilot.started_at, pilot.start) == ("running", NOON, START)
    assert (stage.status, stage.started_on) == ("running", START)
    assert Decision.objects.get().status == "piloting"
    review = pilot.reviews.get()
    assert (review.due_on, review.reviewer) == (START + timedelta(days=28), a_person("reviewer@example.org"))


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        pytest.param("UTC", date(2026, 2, 28), id="today, where the planned day is still to come"),
        pytest.param("Asia/Tokyo", date(2026, 3, 1), id="today in the pilot's own zone"),
    ],
)
def test_a_pilot_started_early_starts_today(owner: User, zone: str, expected: date) -> None:
    late_evening = datetime(2026, 2, 28, 20, tzinfo=UTC)
    pilot = a_started_pilot(owner, now=late_evening, timezone=zone)
    assert (pilot.start, pilot.stages.get().started_on) == (expected, expected)


def test_readiness_is_checked_again_at_the_start(owner: User) -> None:
    pilot = move(mark_ready, a_complete_pilot(), owner)
    pilot.drivers.get().delete()
    pilot.stages.get().delete()
    with pytest.raises(Refused, match="There is no stage"):
        move(start_pilot, pilot, owner)
    pilot.refresh_from_db()
    assert pilot.status == "ready"


def test_a_pilot_waits_for_its_decision(owner: User) -> None:
    pilot = move(mark_ready, a_complete_pilot(decision=a_decision()), owner)
    with pytest.raises(Refused, match="has not been taken") as refused:
        move(start_pilot, pilot, owner)
    assert refused.value.reasons[0].where == "decision"


def test_the_first_review_is_planned_then_slips(owner: User) -> None:
    pilot = a_complete_pilot()

    def schedule(day: date, **fields: str) -> None:
        schedule_first_review(pilot_id=pilot.pk, by=owner, on=day, every_days=28, now=NOON, **fields)

    schedule(date(2026, 4, 1))
    assert not pilot.reviews.exists()
    move(mark_ready, pilot, owner)
    move(start_pilot, pilot, owner)
    with pytest.raises(Refused, match="Say why"):
        schedule(date(2026, 4, 8))
    schedule(date(2026, 4, 8), reason="Rita is away.")
    review = pilot.reviews.get()
    assert (review.scheduled_for, review.due_on, review.slips) == (date(2026, 4, 1), date(2026, 4, 8), 1)
    change(pilot, owner, first_review_on=date(2026, 4, 6), reason="Rita is back.")
    review.refresh_from_db()
    assert (review.due_on, review.slips) == (date(2026, 4, 6), 1)


def test_a_running_pilot_keeps_a_review_and_a_past_one_its_day(owner: User) -> None:
    pilot = a_started_pilot(owner)
    with pytest.raises(Refused, match="can't do without its review"):
        change(pilot, owner, first_review_on=None, reason="No time.")
    pilot.reviews.update(status="signed_off", signed_at=NOON, outcome="continue")
    with pytest.raises(Refused, match="first review is over"):
        change(pilot, owner, first_review_on=date(2026, 5, 1), reason="Later.")


# Moving on


def test_a_pause_and_what_follows_keep_their_reasons_and_the_verdict(owner: User) -> None:
    pilot = a_started_pilot(owner)
    PilotState.objects.filter(pilot=pilot).update(verdict="escalate")
    move(pause_pilot, pilot, owner, reason="Holidays.")
    move(resume_pilot, pilot, owner, reason="Back.")
    turns = list(pilot.moves.filter(stage=None).values_list("to_status", "reason", "verdict"))
    assert turns[-2:] == [("paused", "Holidays.", "escalate"), ("running", "Back.", "escalate")]


@pytest.mark.parametrize("act", [pause_pilot, close_inconclusive, invalidate_pilot])
def test_a_move_that_others_will_ask_about_needs_a_reason(owner: User, act: Move) -> None:
    with pytest.raises(Refused, match="Say why"):
        move(act, a_started_pilot(owner), owner, reason=" ")


MOVES: list[tuple[Move, dict[str, str], set[str], str]] = [
    (mark_ready, {}, {"draft"}, "ready"),
    (back_to_draft, {}, {"ready"}, "draft"),
    (start_pilot, {}, {"ready"}, "running"),
    (pause_pilot, {}, {"running"}, "paused"),
    (resume_pilot, {}, {"paused"}, "running"),
    (stop_pilot, {"returned_to": "The one queue."}, {"running", "paused"}, "stopped"),
    (scale_pilot, {}, {"running", "paused"}, "scaled"),
    (close_inconclusive, {}, {"running", "paused"}, "inconclusive"),
    (invalidate_pilot, {}, {"running", "paused"}, "invalid"),
]


@pytest.mark.parametrize("status", Pilot.Status.values)
@pytest.mark.parametrize(("act", "words", "allowed", "becomes"), MOVES)
def test_every_move_starts_where_it_may(
    owner: User, act: Move, words: dict[str, str], allowed: set[str], becomes: str, status: str
) -> None:
    pilot = a_complete_pilot(status=status)
    if status in ("running", "paused"):
        pilot.stages.update(status="running", started_on=START)
    else:
        pilot.stages.update(status="not_started")
    an_evaluation(pilot, verdict="scale_up")
    if status in allowed:
        assert move(act, pilot, owner, **words).status == becomes
        return
    with pytest.raises(Refused):
        move(act, pilot, owner, **words)
    pilot.refresh_from_db()
    assert pilot.status == status


@pytest.mark.parametrize(("act", "words", "allowed", "becomes"), MOVES)
def test_a_stranger_moves_nothing(
    stranger: User, act: Move, words: dict[str, str], allowed: set[str], becomes: str
) -> None:
    pilot = a_complete_pilot(status=min(allowed))
    with pytest.raises(NotAllowed, match="decision owner"):
        move(act, pilot, stranger, **words)


def test_a_stop_says_what_customers_were_returned_to(owner: User) -> None:
    pilot = a_started_pilot(owner)
    with pytest.raises(Refused, match="returned to"):
        move(stop_pilot, pilot, owner, returned_to="")
    an_alert(pilot)
    pilot = move(stop_pilot, pilot, owner, reason="Too slow.", returned_to="The one queue.")
    assert (pilot.status, pilot.returned_to, pilot.ended_at) == ("stopped", "The one queue.", NOON)
    assert pilot.stages.get().status == "failed"
    assert Decision.objects.get().status == "stopped"
    alert = pilot.alerts.get()
    assert (alert.status, alert.resolution, alert.events.get().actor) == ("resolved", "stopped", owner)


def test_a_decision_waits_for_the_last_of_its_pilots(owner: User) -> None:
    decision = a_taken_decision()
    first = a_started_pilot(owner, decision=decision)
    second = a_started_pilot(owner, ref="later", decision=decision)
    move(close_inconclusive, first, owner)
    decision.refresh_from_db()
    assert decision.status == "piloting"
    move(stop_pilot, second, owner, returned_to="The one queue.")
    decision.refresh_from_db()
    assert decision.status == "stopped"
    assert "Tier pilot ended: stopped" in decision.history.first().history_change_reason


def test_scaling_up_with_the_plan_passes_the_last_stage(owner: User) -> None:
    pilot = a_running_pilot()
    an_evaluation(pilot, verdict="scale_up")
    pilot = move(scale_pilot, pilot, owner)
    assert pilot.status == "scaled"
    assert pilot.stages.get().status == "passed"
    assert pilot.moves.get(stage=None).overridden == []


def test_scaling_up_against_the_plan_is_refused_with_every_reason(owner: User) -> None:
    pilot = a_running_pilot()
    an_evaluation(pilot, verdict="early")
    an_alert(pilot)
    Stage.objects.create(pilot=pilot, order=2, name="all accounts")
    with pytest.raises(Refused) as refused:
        move(scale_pilot, pilot, owner)
    assert [reason.where for reason in refused.value.reasons] == ["alerts", "stages", "conditions"]
    assert "does not say scale up" in reasons(refused)


def test_a_reviewer_scales_up_against_the_plan_and_it_is_shown_for_ever(owner: User) -> None:
    pilot = a_running_pilot()
    an_evaluation(pilot, verdict="early")
    with pytest.raises(NotAllowed, match="reviewer"):
        move(scale_pilot, pilot, owner, override="I am sure.")
    reviewer = a_person("reviewer@example.org")
    pilot = move(scale_pilot, pilot, reviewer, override="The board accepts the risk.")
    (set_aside,) = pilot.moves.get(stage=None).overridden
    assert set_aside["because"] == "The board accepts the risk."
    assert "does not say scale up" in set_aside["refusal"]


@pytest.mark.parametrize("wanted", [True, False])
def test_the_engine_pauses_only_where_people_asked_for_it(wanted: bool) -> None:
    pilot = a_running_pilot(pause_on_stop=wanted)
    assert pause_by_engine(pilot_id=pilot.pk, reason="S1 is past its limit.", now=NOON) is wanted
    pilot.refresh_from_db()
    assert pilot.status == ("paused" if wanted else "running")
    assert [m.actor for m in pilot.moves.all()] == (["engine"] if wanted else [])
    assert pause_by_engine(pilot_id=pilot.pk, reason="Again.", now=NOON) is False


def test_the_engine_signs_its_pause_as_nobody() -> None:
    pilot = a_running_pilot(pause_on_stop=True)
    pause_by_engine(pilot_id=pilot.pk, reason="S1 is past its limit.", now=NOON)
    turn = pilot.history.first()
    assert (turn.history_user, turn.history_change_reason) == (None, "S1 is past its limit.")
