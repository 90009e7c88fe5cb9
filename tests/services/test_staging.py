from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pilots.models import Pilot, PilotState, Stage, User
from pilots.permissions import NotAllowed
from pilots.services.errors import Refused, Stale
from pilots.services.staging import advance_stage, hold_stage, remove_stage, save_stage, skip_stage
from tests.builders import NOON, START, a_person, a_pilot, a_running_pilot, an_alert, an_evaluation

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def a_pilot_of_three_stages() -> Pilot:
    """Its first stage runs, and nothing keeps it from being passed."""
    pilot = a_running_pilot()
    for order, name in ((2, "a quarter"), (3, "everybody")):
        Stage.objects.create(pilot=pilot, order=order, name=name)
    an_evaluation(pilot)
    return pilot


def stages(pilot: Pilot) -> list[str]:
    return [stage.status for stage in pilot.stages.order_by("order")]


def save(pilot: Pilot, by: User, stage: Stage | None = None, **fields: Any) -> Stage:
    reserved = {name: fields.pop(name) for name in ("reason", "seen_version") if name in fields}
    stage_id = stage.pk if stage else None
    return save_stage(pilot_id=pilot.pk, by=by, stage_id=stage_id, fields=fields, now=NOON, **reserved)


def advance(pilot: Pilot, by: User, reason: str = "Ran well.", override: str = "") -> Stage:
    return advance_stage(pilot_id=pilot.pk, by=by, reason=reason, override=override, now=NOON)


def test_a_new_stage_comes_after_the_others(owner: User) -> None:
    stage = save(a_pilot(), owner, name="a quarter", exposure_share=0.25, exposure_segments=["high"])
    assert (stage.order, stage.status) == (2, "not_started")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": "all", "exposure_share": 1.5}, "at most 100%"),
        ({"name": "all", "exposure_segments": ["vip"]}, "no segment “vip”"),
        ({"name": ""}, "Name"),
        (
            {"name": "all", "planned_start": START, "planned_end": START - timedelta(days=1)},
            "before it starts",
        ),
        ({"name": "all", "order": 1}, "already used"),
    ],
)
def test_a_stage_that_makes_no_sense_is_refused(owner: User, fields: dict[str, Any], says: str) -> None:
    with pytest.raises(Refused, match=says) as refused:
        save(a_pilot(), owner, **fields)
    assert refused.value.reasons[0].where == "stages"


def test_a_running_stage_is_changed_with_a_reason(owner: User) -> None:
    pilot = a_pilot_of_three_stages()
    stage = pilot.stages.get(order=1)
    with pytest.raises(Refused, match="Say why"):
        save(pilot, owner, stage, min_days=21)
    save(pilot, owner, stage, min_days=21, reason="Two weeks were a holiday.")
    assert stage.history.first().history_change_reason == "Two weeks were a holiday."


def test_two_people_change_one_stage(owner: User) -> None:
    pilot = a_pilot()
    stage = pilot.stages.get()
    save(pilot, owner, stage, name="ten accounts", seen_version=stage.version)
    with pytest.raises(Stale):
        save(pilot, owner, stage, name="twenty accounts", seen_version=stage.version)


def test_the_past_stays_as_it_is(owner: User) -> None:
    pilot = a_pilot_of_three_stages()
    advance(pilot, owner)
    with pytest.raises(Refused, match="is over"):
        save(pilot, owner, pilot.stages.get(order=1), name="other accounts", reason="Tidy.")
    with pytest.raises(Refused, match="before one that has begun"):
        save(pilot, owner, pilot.stages.get(order=3), order=0, reason="Sooner.")
    with pytest.raises(Refused, match="its record stays"):
        remove_stage(
            pilot_id=pilot.pk, stage_id=pilot.stages.get(order=1).pk, by=owner, reason="X.", now=NOON
        )


def test_a_stage_that_was_never_entered_can_be_removed(owner: User) -> None:
    pilot = a_pilot_of_three_stages()
    stage = pilot.stages.get(order=3)
    with pytest.raises(Refused, match="Say why"):
        remove_stage(pilot_id=pilot.pk, stage_id=stage.pk, by=owner, now=NOON)
    remove_stage(pilot_id=pilot.pk, stage_id=stage.pk, by=owner, reason="Two will do.", now=NOON)
    assert stages(pilot) == ["running", "not_started"]
    gone = Stage.history.filter(history_type="-").get()
    assert (gone.history_user, gone.history_change_reason) == (owner, "Two will do.")


def test_advancing_passes_one_stage_and_starts_the_next(owner: User) -> None:
    pilot = a_pilot_of_three_stages()
    PilotState.objects.filter(pilot=pilot).update(verdict="on_track")
    following = advance(pilot, owner)
    assert stages(pilot) == ["passed", "running", "not_started"]
    assert (following.order, following.started_on) == (2, NOON.date())
    assert pilot.stages.get(order=1).ended_on == NOON.date()
    passed, started = pilot.moves.order_by("pk")
    assert (passed.from_status, passed.to_status, passed.reason) == ("running", "passed", "Ran well.")
    assert (passed.by, passed.verdict, started.stage) == (owner, "on_track", following)


def test_the_next_stage_is_judged_before_it_is_passed_in_turn(owner: User) -> None:
    pilot = a_pilot_of_three_stages()
    advance(pilot, owner)
    with pytest.raises(Refused, match="Something changed since the last check"):
        advance(pilot, owner)


def test_a_stage_is_passed_with_a_reason(owner: User) -> None:
    with pytest.raises(Refused, match="Say why"):
        advance(a_pilot_of_three_stages(), owner, reason="")


def test_advancing_is_refused_with_every_reason_at_once(owner: User) -> None:
    pilot = a_pilot_of_three_stages()
    an_alert(pilot)
    an_evaluation(pilot, state="no_data")
    with pytest.raises(Refused) as refused:
        advance(pilot, owner)
    assert [reason.where for reason in refused.value.reasons] == ["alerts", "data"]
    assert stages(pilot) == ["running", "not_started", "not_started"]


def test_only_a_reviewer_sets_a_refusal_aside_and_it_is_shown_for_ever(owner: User) -> None:
    pilot = a_pilot_of_three_stages()
    an_alert(pilot)
    with pytest.raises(NotAllowed, match="reviewer"):
        advance(pilot, owner, override="It will pass.")
    reviewer = a_person("reviewer@example.org")
    advance(pilot, reviewer, reason="", override="Agreed with support on 30 March.")
    passed = pilot.moves.get(to_status="passed")
    (set_aside,) = passed.overridden
    assert "Cases take longer" in set_aside["refusal"]
    assert set_aside["because"] == "Agreed with support on 30 March."
    assert (passed.by, passed.reason) == (reviewer, "Agreed with support on 30 March.")


def test_a_reviewer_does_not_advance_what_nothing_refuses() -> None:
    with pytest.raises(NotAllowed, match="decision owner"):
        advance(a_pilot_of_three_stages(), a_person("reviewer@example.org"), override="Just so.")


def test_an_owner_who_is_a_superuser_is_no_second_person() -> None:
    pilot = a_pilot_of_three_stages()
    an_alert(pilot)
    chief = a_person("chief@example.org", is_superuser=True)
    with pytest.raises(NotAllowed, match="reviewer"):
        advance(pilot, chief, override="I say so.")


def test_the_last_stage_is_not_advanced_but_scaled_or_stopped(owner: User) -> None:
    pilot = a_running_pilot()
    an_evaluation(pilot)
    with pytest.raises(Refused, match="last stage: scale up, stop, or close"):
        advance(pilot, owner)


def test_a_paused_pilot_does_not_advance(owner: User) -> None:
    pilot = a_pilot_of_three_stages()
    pilot.status = Pilot.Status.PAUSED
    pilot.save()
    with pytest.raises(Refused, match="not running"):
        advance(pilot, owner)


def test_a_held_stage_is_judged_on_and_can_be_passed(owner: User) -> None:
    pilot = a_pilot_of_three_stages()
    hold_stage(pilot_id=pilot.pk, by=owner, reason="The board meets on Friday.", now=NOON)
    assert stages(pilot)[0] == "awaiting_decision"
    spec = Pilot.objects.with_rules().get().spec
    assert spec.stage is not None
    assert spec.stage.order == 1
    with pytest.raises(Refused, match="already"):
        hold_stage(pilot_id=pilot.pk, by=owner, reason="Still.", now=NOON)
    an_evaluation(pilot)
    advance(pilot, owner)
    assert stages(pilot)[:2] == ["passed", "running"]


def test_a_skipped_stage_says_why_and_is_passed_over(owner: User) -> None:
    pilot = a_pilot_of_three_stages()
    second, third = pilot.stages.filter(order__gt=1)
    with pytest.raises(Refused, match="Say why"):
        skip_stage(pilot_id=pilot.pk, stage_id=second.pk, by=owner, reason="", now=NOON)
    skip_stage(pilot_id=pilot.pk, stage_id=second.pk, by=owner, reason="Too few accounts.", now=NOON)
    an_evaluation(pilot)
    assert advance(pilot, owner) == third
    second.refresh_from_db()
    assert (second.status, second.skipped_because) == ("skipped", "Too few accounts.")


def test_a_stage_is_the_last_where_all_later_ones_are_skipped(owner: User) -> None:
    pilot = a_pilot_of_three_stages()
    for stage in pilot.stages.filter(order__gt=1):
        skip_stage(pilot_id=pilot.pk, stage_id=stage.pk, by=owner, reason="Enough seen.", now=NOON)
    spec = Pilot.objects.with_rules().get().spec
    assert spec.stage is not None
    assert spec.stage.is_last


def test_a_stage_that_has_started_is_not_skipped(owner: User) -> None:
    pilot = a_pilot_of_three_stages()
    with pytest.raises(Refused, match="has started"):
        skip_stage(pilot_id=pilot.pk, stage_id=pilot.stages.get(order=1).pk, by=owner, reason="X.", now=NOON)


def test_a_stranger_changes_no_stage(stranger: User) -> None:
    pilot = a_pilot_of_three_stages()
    with pytest.raises(NotAllowed):
        save(pilot, stranger, name="mine")
    with pytest.raises(NotAllowed):
        advance(pilot, stranger)
    with pytest.raises(NotAllowed):
        hold_stage(pilot_id=pilot.pk, by=stranger, reason="Wait.", now=NOON)
