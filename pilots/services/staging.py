"""Plan a pilot's stages and move through them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from pilots.evaluation.days import local_day
from pilots.evaluation.scopes import is_known
from pilots.models import Pilot, Stage, User
from pilots.permissions import can_move_pilot, require
from pilots.services.errors import Reason, Refused
from pilots.services.moving import keep_to_plan, record_move
from pilots.services.saving import (
    allow_change,
    lock,
    lock_pilot,
    lock_pilot_to_edit,
    need_reason,
    remove,
    save,
    write,
)
from pilots.services.touching import touch

Status = Stage.Status
UNDER_WAY = (Status.RUNNING, Status.AWAITING_DECISION)


@transaction.atomic
def save_stage(
    *,
    pilot_id: int,
    by: User,
    fields: Mapping[str, Any],
    stage_id: int | None = None,
    reason: str = "",
    seen_version: int | None = None,
    now: datetime,
) -> Stage:
    """Add a stage after the others, or change one that is not over."""
    pilot = lock_pilot_to_edit(pilot_id, by=by)
    stage = lock(pilot.stages.all(), stage_id, seen_version=seen_version) if stage_id else _next_stage(pilot)
    if stage.status not in (Status.NOT_STARTED, *UNDER_WAY):
        raise Refused(Reason(f"Stage “{stage}” is over; its record stays as it is.", "stages"))
    changed = write(stage, fields, by=by, where="stages", reason=reason, within=pilot)
    _refuse_unknown_segments(pilot, stage)
    _refuse_before_the_present(pilot, stage)
    if changed:
        touch(pilot.pk)
    return stage


@transaction.atomic
def remove_stage(*, pilot_id: int, stage_id: int, by: User, reason: str = "", now: datetime) -> None:
    """Take out a stage that was never entered."""
    pilot = lock_pilot_to_edit(pilot_id, by=by)
    stage = lock(pilot.stages.all(), stage_id)
    if stage.status != Status.NOT_STARTED or stage.moves.exists():
        raise Refused(Reason(f"Stage “{stage}” was entered or skipped; its record stays.", "stages"))
    allow_change(pilot, reason, "stages")
    remove(stage, by=by, reason=reason)
    touch(pilot.pk)


@transaction.atomic
def advance_stage(*, pilot_id: int, by: User, reason: str, now: datetime, override: str = "") -> Stage:
    """Pass the stage under way and start the next one. Return the new one.

    A reviewer may set the refusals aside with a written reason; they are shown for ever.
    """
    pilot = lock_pilot(pilot_id)
    overridden = keep_to_plan(pilot, by=by, override=override, now=now)
    reason = reason or override
    need_reason(reason, "stages", because="a stage is passed")
    stage, following = _under_way(pilot), _following(pilot)
    _close(stage, Status.PASSED, by=by, reason=reason, now=now, overridden=overridden)
    begin(following, on=local_day(now, pilot.timezone), by=by, reason=reason, now=now)
    touch(pilot.pk)
    return following


@transaction.atomic
def hold_stage(*, pilot_id: int, by: User, reason: str, now: datetime) -> Stage:
    """Say that the running stage waits for a decision. It is judged on meanwhile."""
    pilot = lock_pilot(pilot_id)
    require(can_move_pilot, by, pilot)
    stage = _under_way(pilot)
    if stage.status != Status.RUNNING:
        raise Refused(Reason(f"Stage “{stage}” waits for a decision already.", "stages"))
    need_reason(reason, "stages", because="a stage is held")
    _turn(stage, Status.AWAITING_DECISION, by=by, reason=reason, now=now)
    touch(pilot.pk)
    return stage


@transaction.atomic
def skip_stage(*, pilot_id: int, stage_id: int, by: User, reason: str, now: datetime) -> Stage:
    """Leave out a stage that has not started, and say why."""
    pilot = lock_pilot(pilot_id)
    require(can_move_pilot, by, pilot)
    stage = lock(pilot.stages.all(), stage_id)
    if stage.status != Status.NOT_STARTED:
        raise Refused(Reason(f"Stage “{stage}” has started; it can't be skipped.", "stages"))
    need_reason(reason, "stages", because="a stage is skipped")
    stage.skipped_because = reason
    _turn(stage, Status.SKIPPED, by=by, reason=reason, now=now)
    touch(pilot.pk)
    return stage


def begin(stage: Stage, *, on: date, by: User, reason: str, now: datetime) -> None:
    stage.started_on = on
    _turn(stage, Status.RUNNING, by=by, reason=reason, now=now)


def close_stage(pilot: Pilot, status: Stage.Status, *, by: User, reason: str, now: datetime) -> None:
    """End the stage under way together with its pilot."""
    for stage in pilot.stages.filter(status__in=UNDER_WAY):
        _close(stage, status, by=by, reason=reason, now=now)


def first_to_start(pilot: Pilot) -> Stage:
    stage = pilot.stages.filter(status=Status.NOT_STARTED).order_by("order").first()
    if stage is None:
        raise Refused(Reason("There is no stage to start.", "stages"))
    return stage


def _close(
    stage: Stage,
    status: Stage.Status,
    *,
    by: User,
    reason: str,
    now: datetime,
    overridden: list[dict[str, str]] | None = None,
) -> None:
    stage.ended_on = local_day(now, stage.pilot.timezone)
    _turn(stage, status, by=by, reason=reason, now=now, overridden=overridden)


def _turn(
    stage: Stage,
    status: Stage.Status,
    *,
    by: User,
    reason: str,
    now: datetime,
    overridden: list[dict[str, str]] | None = None,
) -> None:
    before, stage.status = stage.status, status
    save(stage, by=by, reason=reason)
    record_move(
        stage.pilot,
        before,
        status,
        stage=stage,
        by=by,
        reason=reason,
        now=now,
        overridden=overridden,
    )


def _under_way(pilot: Pilot) -> Stage:
    stage = pilot.stages.filter(status__in=UNDER_WAY).first()
    if stage is None or pilot.status != Pilot.Status.RUNNING:
        raise Refused(Reason("The pilot is not running, so no stage is under way.", "pilot"))
    return stage


def _following(pilot: Pilot) -> Stage:
    following = pilot.stages.filter(status=Status.NOT_STARTED).order_by("order").first()
    if following is None:
        raise Refused(Reason("This is the last stage: scale up, stop, or close the pilot.", "stages"))
    return following


def _next_stage(pilot: Pilot) -> Stage:
    last = pilot.stages.aggregate(last=Max("order"))["last"] or 0
    return Stage(pilot=pilot, order=last + 1)


def _refuse_unknown_segments(pilot: Pilot, stage: Stage) -> None:
    dimensions = {name: tuple(categories) for name, categories in pilot.dimensions.items()}
    unknown = [segment for segment in stage.exposure_segments if not is_known(segment, dimensions)]
    if unknown:
        text = f"This pilot has no segment “{'”, “'.join(unknown)}”."
        raise Refused(Reason(text, "stages", "exposure_segments"))


def _refuse_before_the_present(pilot: Pilot, stage: Stage) -> None:
    """Keep the order of what has happened: what is still to come follows what has begun."""
    if stage.status != Status.NOT_STARTED:
        return
    if pilot.stages.exclude(status__in=(Status.NOT_STARTED, Status.SKIPPED)).filter(order__gt=stage.order):
        raise Refused(Reason("A stage can't be put before one that has begun.", "stages", "order"))
