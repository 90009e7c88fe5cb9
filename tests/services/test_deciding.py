from __future__ import annotations

from typing import Any

import pytest

from pilots.models import Decision, Pilot, PilotState, Role, User
from pilots.permissions import NotAllowed
from pilots.services.deciding import (
    change_decision,
    create_decision,
    decide,
    follow_pilots,
    propose_decision,
    remove_risk,
    save_risk,
    set_decision_people,
    status_after,
    supersede_decision,
)
from pilots.services.errors import Refused, Stale
from tests.builders import NOON, a_decision, a_person, a_pilot, a_taken_decision

pytestmark = [pytest.mark.django_db, pytest.mark.database]

OPTIONS: list[dict[str, Any]] = [
    {"key": "A", "title": "Keep"},
    {"key": "B", "title": "Pilot in stages", "chosen": True},
    {"key": "C", "title": "Redesign"},
]


def a_draft(owner: User, options: list[dict[str, Any]] | None = None) -> Decision:
    fields = {"ref": "tiers", "title": "Support tiers"}
    return create_decision(by=owner, fields=fields, options=OPTIONS if options is None else options, now=NOON)


def change(decision: Decision, by: User, **fields: Any) -> Decision:
    reserved = {name: fields.pop(name) for name in ("reason", "options", "seen_version") if name in fields}
    return change_decision(decision_id=decision.pk, by=by, fields=fields, now=NOON, **reserved)


def test_whoever_writes_a_decision_owns_it(owner: User) -> None:
    decision = a_draft(owner)
    assert decision.owner == owner
    assert decision.status == "draft"
    assert decision.chosen is not None
    assert decision.chosen.key == "B"
    assert decision.history.get().history_user == owner


def test_a_title_is_needed_and_the_field_is_named(owner: User) -> None:
    with pytest.raises(Refused) as refused:
        create_decision(by=owner, fields={"ref": "two words"}, options=[], now=NOON)
    assert {reason.field for reason in refused.value.reasons} == {"ref", "title"}
    assert not Decision.objects.exists()


def test_a_short_name_is_used_once(owner: User) -> None:
    a_draft(owner)
    with pytest.raises(Refused, match="already used"):
        a_draft(owner)


def test_only_one_option_can_be_chosen(owner: User) -> None:
    both = [{"key": "A", "title": "Keep", "chosen": True}, *OPTIONS[1:]]
    with pytest.raises(Refused, match="exactly one"):
        a_draft(owner, both)


def test_nothing_is_decided_before_an_option_is_chosen(owner: User) -> None:
    decision = a_draft(owner, [{"key": "A", "title": "Keep"}, {"key": "B", "title": "Pilot"}])
    with pytest.raises(Refused, match="exactly one") as refused:
        decide(decision_id=decision.pk, by=owner, reason="", now=NOON)
    assert [reason.where for reason in refused.value.reasons] == ["options"]


def test_a_draft_is_proposed_then_decided(owner: User) -> None:
    decision = a_draft(owner)
    propose_decision(decision_id=decision.pk, by=owner, now=NOON)
    decision = decide(decision_id=decision.pk, by=owner, reason="All agreed.", now=NOON)
    assert (decision.status, decision.proposed_at, decision.decided_at) == ("decided", NOON, NOON)
    assert decision.history.first().history_change_reason == "All agreed."


def test_a_decision_is_taken_once(owner: User) -> None:
    with pytest.raises(Refused, match="is decided and can't be decided"):
        decide(decision_id=a_taken_decision().pk, by=owner, reason="", now=NOON)


def test_a_draft_is_edited_without_a_reason(owner: User) -> None:
    decision = change(a_draft(owner), owner, context="Queues grow.")
    assert decision.changed_since_decided_at is None


@pytest.mark.parametrize("field", ["context", "statement", "rationale", "prediction"])
def test_once_decided_the_substance_changes_only_with_a_reason_and_shows_it(owner: User, field: str) -> None:
    decision = a_taken_decision()
    with pytest.raises(Refused, match="Say why") as refused:
        change(decision, owner, **{field: "Something else."})
    assert refused.value.reasons[0].field == "reason"
    decision = change(decision, owner, **{field: "Something else."}, reason="We learned more.")
    assert decision.changed_since_decided_at == NOON
    assert decision.history.first().history_change_reason == "We learned more."


def test_once_decided_other_words_change_freely(owner: User) -> None:
    decision = change(a_taken_decision(), owner, title="Tiers of support")
    assert decision.changed_since_decided_at is None


def test_another_option_can_be_chosen_later_with_a_reason(owner: User) -> None:
    decision = a_taken_decision()
    others = [{"key": "A", "title": "Keep", "chosen": True}, {"key": "B", "title": "Pilot", "chosen": False}]
    with pytest.raises(Refused, match="Say why"):
        change(decision, owner, options=others)
    decision = change(decision, owner, options=others, reason="Costs rose.")
    assert [(o.key, o.chosen) for o in decision.options.order_by("key")] == [("A", True), ("B", False)]
    assert decision.changed_since_decided_at == NOON


def test_a_decision_that_was_taken_keeps_a_chosen_option(owner: User) -> None:
    with pytest.raises(Refused, match="exactly one"):
        change(a_taken_decision(), owner, options=[{"key": "A", "title": "Keep"}], reason="Tidy.")


def test_saving_without_a_change_writes_nothing(owner: User) -> None:
    decision = a_draft(owner)
    change(decision, owner, title="Support tiers", options=OPTIONS)
    assert decision.history.count() == 1


def test_the_second_of_two_people_editing_at_once_is_shown_what_the_first_saved(owner: User) -> None:
    decision = a_draft(owner)
    change(decision, owner, title="The first", seen_version=1)
    with pytest.raises(Stale) as stale:
        change(decision, owner, title="The second", seen_version=1)
    assert str(stale.value.current) == "The first"


def test_a_stranger_changes_nothing(owner: User, stranger: User) -> None:
    decision = a_draft(owner)
    with pytest.raises(NotAllowed, match="owner or deputy"):
        change(decision, stranger, title="Mine")
    with pytest.raises(NotAllowed):
        decide(decision_id=decision.pk, by=stranger, reason="", now=NOON)


def test_the_reviewer_of_a_pilot_can_not_become_the_owner_of_its_decision(owner: User) -> None:
    pilot = a_pilot()
    with pytest.raises(Refused, match="can't review it"):
        change(pilot.decision, owner, owner=a_person("reviewer@example.org"))


def test_people_are_named_by_address(owner: User) -> None:
    decision = a_draft(owner)
    people: dict[str, list[str]] = {
        Role.INFORMED: ["Ana@Example.org", "bo@example.org"],
        Role.CONSULTED: [owner.email],
    }
    set_decision_people(decision_id=decision.pk, by=owner, people=people, now=NOON)
    held = {(m.role, m.user.email) for m in decision.memberships.all()}
    assert held == {
        ("informed", "ana@example.org"),
        ("informed", "bo@example.org"),
        ("consulted", "owner@example.org"),
    }


def test_a_risk_keeps_its_signal_and_wakes_the_pilots(owner: User) -> None:
    pilot = a_pilot()
    fields = {"text": "Poor data", "signal": "data_state", "planned_response": "Mend the feed."}
    risk = save_risk(decision_id=pilot.decision_id, by=owner, fields=fields, now=NOON)
    assert PilotState.objects.get(pilot=pilot).dirty_seq == 2
    save_risk(decision_id=pilot.decision_id, by=owner, risk_id=risk.pk, fields={"impact": "high"}, now=NOON)
    remove_risk(risk_id=risk.pk, by=owner, reason="Gone.", now=NOON)
    assert not pilot.decision.risks.exists()
    assert risk.history.first().history_change_reason == "Gone."


@pytest.mark.parametrize(
    ("pilots", "expected"),
    [
        pytest.param(["running"], "piloting", id="one runs"),
        pytest.param(["paused"], "piloting", id="a pause is no end"),
        pytest.param(["scaled", "running"], "piloting", id="as long as one runs"),
        pytest.param(["scaled", "draft"], "scaled", id="a draft has not started"),
        pytest.param(["stopped"], "stopped", id="stopped"),
        pytest.param(["inconclusive"], "inconclusive", id="inconclusive"),
        pytest.param(["stopped", "scaled"], "scaled", id="the change is in use where one was scaled"),
        pytest.param(["inconclusive", "stopped"], "stopped", id="a stop counts before an inconclusive end"),
        pytest.param(["invalid", "inconclusive"], "inconclusive", id="an invalid pilot says nothing"),
        pytest.param(["invalid"], "decided", id="nothing was learned"),
    ],
)
def test_a_decision_is_what_its_pilots_make_of_it(pilots: list[str], expected: str) -> None:
    assert status_after(Pilot.Status(status) for status in pilots) == expected


def test_a_newer_decision_takes_the_place_of_an_older(owner: User) -> None:
    old, new = a_taken_decision("old"), a_decision("new")
    supersede_decision(decision_id=old.pk, successor_id=new.pk, by=owner, reason="Tiers changed.", now=NOON)
    old.refresh_from_db()
    assert old.status == "superseded"
    assert old.superseded_by == new
    follow_pilots(old.pk, by=owner, reason="")
    old.refresh_from_db()
    assert old.status == "superseded"


def test_a_decision_is_not_superseded_under_a_running_pilot(owner: User) -> None:
    pilot = a_pilot(status="running")
    with pytest.raises(Refused, match="End the pilot"):
        supersede_decision(
            decision_id=pilot.decision_id,
            successor_id=a_decision("new").pk,
            by=owner,
            reason="New.",
            now=NOON,
        )


def test_a_decision_takes_the_place_of_one_other_that_stands(owner: User) -> None:
    old, new = a_taken_decision("old"), a_decision("new")

    def supersede(one: Decision, other: Decision) -> None:
        supersede_decision(decision_id=one.pk, successor_id=other.pk, by=owner, reason="Newer.", now=NOON)

    with pytest.raises(Refused, match="another decision"):
        supersede(old, old)
    supersede(old, new)
    with pytest.raises(Refused, match="already takes the place"):
        supersede(a_taken_decision("third"), new)
    with pytest.raises(Refused, match="still stands"):
        supersede(new, old)
