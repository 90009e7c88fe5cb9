"""Set a pilot up and move it through its life. Only people move it, with one opt-in exception."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.text import capfirst

from pilots.evaluation.days import local_day
from pilots.importing.timestamps import zone_of
from pilots.models import Decision, Pilot, PilotState, Stage, User
from pilots.permissions import can_edit_decision, can_move_pilot, require
from pilots.services.assigning import assign, refuse_own_reviewer
from pilots.services.booking import book_first_review, rebook_review
from pilots.services.closing import close_alerts, close_stops, refuse_open_stops
from pilots.services.deciding import follow_pilots
from pilots.services.dimensioning import refuse_bad_dimensions
from pilots.services.errors import Reason, Refused, Stale
from pilots.services.moving import keep_to_plan, record_move, refuse_undecided, refuse_unready
from pilots.services.saving import (
    allow_change,
    edit,
    lock,
    lock_pilot,
    lock_pilot_to_edit,
    need_reason,
    save,
    write,
)
from pilots.services.staging import begin, close_stage, first_to_start
from pilots.services.touching import touch

Status = Pilot.Status
UNDER_WAY = (Status.RUNNING, Status.PAUSED)


@transaction.atomic
def create_pilot(*, decision_id: int, by: User, fields: Mapping[str, Any], now: datetime) -> Pilot:
    decision = lock(Decision.objects.all(), decision_id)
    require(can_edit_decision, by, decision)
    pilot = Pilot(decision=decision)
    _refuse_bad_zone(fields)
    refuse_bad_dimensions(pilot, fields)
    write(pilot, fields, by=by, where="pilot")
    PilotState.objects.create(pilot=pilot)
    return pilot


@transaction.atomic
def change_pilot(
    *,
    pilot_id: int,
    by: User,
    fields: Mapping[str, Any],
    reason: str = "",
    seen_version: int | None = None,
    now: datetime,
) -> Pilot:
    """Edit what a pilot is. Once it has started a change needs a reason, and its past stays in place."""
    pilot = lock_pilot_to_edit(pilot_id, by=by)
    if seen_version is not None and seen_version != pilot.version:
        raise Stale(pilot)
    _refuse_bad_zone(fields)
    refuse_bad_dimensions(pilot, fields)
    changed = edit(pilot, fields, where="pilot")
    if not changed:
        return pilot
    allow_change(pilot, reason, "pilot")
    if pilot.started_at:
        _refuse_moving_the_past(changed)
    save(pilot, by=by, reason=reason)
    rebook_review(pilot, changed, by=by, reason=reason)
    touch(pilot.pk)
    return pilot


@transaction.atomic
def set_people(
    *, pilot_id: int, by: User, people: Mapping[str, Iterable[str]], now: datetime, reason: str = ""
) -> Pilot:
    """Say who has which role, by address: for each role named exactly these people."""
    pilot = lock_pilot_to_edit(pilot_id, by=by)
    if assign(pilot, people, by=by, reason=reason):
        refuse_own_reviewer(pilot)
        touch(pilot.pk)
    return pilot


@transaction.atomic
def schedule_first_review(
    *, pilot_id: int, by: User, on: date | None, every_days: int | None, now: datetime, reason: str = ""
) -> Pilot:
    """Plan the first review. Once the pilot has started it is booked; then it slips, and that is counted."""
    pilot = lock_pilot_to_edit(pilot_id, by=by)
    fields = {"first_review_on": on, "review_every_days": every_days}
    changed = write(pilot, fields, by=by, where="reviews", reason=reason, within=pilot)
    rebook_review(pilot, changed, by=by, reason=reason)
    return pilot


@transaction.atomic
def mark_ready(*, pilot_id: int, by: User, reason: str = "", now: datetime) -> Pilot:
    pilot = _lock_to_move(pilot_id, by=by)
    _refuse_unless(pilot, Status.DRAFT, to=Status.READY)
    refuse_unready(pilot)
    return _move(pilot, Status.READY, by=by, reason=reason, now=now)


@transaction.atomic
def back_to_draft(*, pilot_id: int, by: User, reason: str = "", now: datetime) -> Pilot:
    pilot = _lock_to_move(pilot_id, by=by)
    _refuse_unless(pilot, Status.READY, to=Status.DRAFT)
    return _move(pilot, Status.DRAFT, by=by, reason=reason, now=now)


@transaction.atomic
def start_pilot(*, pilot_id: int, by: User, reason: str = "", now: datetime) -> Pilot:
    """Start a ready pilot and its first stage: on the planned day, where that is not still to come.

    Readiness is checked once more: an edit may have undone it since.
    """
    pilot = _lock_with_decision(pilot_id, by=by)
    _refuse_unless(pilot, Status.READY, to=Status.RUNNING)
    refuse_undecided(pilot)
    refuse_unready(pilot)
    today = local_day(now, pilot.timezone)
    pilot.start = min(pilot.start or today, today)
    pilot.started_at = now
    _move(pilot, Status.RUNNING, by=by, reason=reason, now=now)
    begin(first_to_start(pilot), on=pilot.start, by=by, reason=reason, now=now)
    book_first_review(pilot, by=by)
    follow_pilots(pilot.decision_id, by=by, reason=f"The pilot {pilot} started.")
    return pilot


@transaction.atomic
def pause_pilot(*, pilot_id: int, by: User, reason: str, now: datetime) -> Pilot:
    pilot = _lock_to_move(pilot_id, by=by)
    _refuse_unless(pilot, Status.RUNNING, to=Status.PAUSED)
    need_reason(reason, because="a pilot is paused")
    _move(pilot, Status.PAUSED, by=by, reason=reason, now=now)
    close_stops(pilot, by=by, reason=reason, now=now)
    return pilot


@transaction.atomic
def pause_by_engine(*, pilot_id: int, reason: str, now: datetime) -> bool:
    """Pause a running pilot whose people asked for it beforehand. Return whether it was paused."""
    pilot = lock_pilot(pilot_id)
    if not pilot.pause_on_stop or pilot.status != Status.RUNNING:
        return False
    _move(pilot, Status.PAUSED, by=None, reason=reason, now=now)
    return True


@transaction.atomic
def resume_pilot(*, pilot_id: int, by: User, reason: str, now: datetime) -> Pilot:
    pilot = _lock_to_move(pilot_id, by=by)
    _refuse_unless(pilot, Status.PAUSED, to=Status.RUNNING)
    refuse_open_stops(pilot)
    need_reason(reason, because="a pilot runs again")
    return _move(pilot, Status.RUNNING, by=by, reason=reason, now=now)


@transaction.atomic
def stop_pilot(*, pilot_id: int, by: User, reason: str, returned_to: str, now: datetime) -> Pilot:
    """Stop a pilot and record what its customers were returned to."""
    pilot = _lock_with_decision(pilot_id, by=by)
    if not returned_to.strip():
        raise Refused(Reason("Say what customers were returned to.", "", "returned_to"))
    pilot.returned_to = returned_to
    return _end(pilot, Status.STOPPED, by=by, reason=reason, now=now)


@transaction.atomic
def scale_pilot(*, pilot_id: int, by: User, reason: str, now: datetime, override: str = "") -> Pilot:
    """Scale up. Against the plan only a reviewer may, with a written reason that is shown for ever."""
    pilot = _lock_after_decision(pilot_id)
    overridden = keep_to_plan(pilot, by=by, override=override, now=now, to_scale=True)
    return _end(pilot, Status.SCALED, by=by, reason=reason or override, now=now, overridden=overridden)


@transaction.atomic
def close_inconclusive(*, pilot_id: int, by: User, reason: str, now: datetime) -> Pilot:
    pilot = _lock_with_decision(pilot_id, by=by)
    return _end(pilot, Status.INCONCLUSIVE, by=by, reason=reason, now=now)


@transaction.atomic
def invalidate_pilot(*, pilot_id: int, by: User, reason: str, now: datetime) -> Pilot:
    """End a pilot whose numbers say nothing."""
    pilot = _lock_with_decision(pilot_id, by=by)
    return _end(pilot, Status.INVALID, by=by, reason=reason, now=now)


def _lock_to_move(pilot_id: int, *, by: User) -> Pilot:
    pilot = lock_pilot(pilot_id)
    require(can_move_pilot, by, pilot)
    return pilot


def _lock_with_decision(pilot_id: int, *, by: User) -> Pilot:
    pilot = _lock_after_decision(pilot_id)
    require(can_move_pilot, by, pilot)
    return pilot


def _lock_after_decision(pilot_id: int) -> Pilot:
    """Lock a pilot and, before it, the decision that follows its move: who edits both begins there too."""
    decision_id = Pilot.objects.values_list("decision_id", flat=True).get(pk=pilot_id)
    lock(Decision.objects.all(), decision_id)
    return lock_pilot(pilot_id)


def _move(
    pilot: Pilot,
    to: Pilot.Status,
    *,
    by: User | None,
    reason: str,
    now: datetime,
    overridden: list[dict[str, str]] | None = None,
) -> Pilot:
    before, pilot.status = pilot.status, to
    save(pilot, by=by, reason=reason)
    record_move(pilot, before, to, by=by, reason=reason, now=now, overridden=overridden)
    touch(pilot.pk)
    return pilot


def _end(
    pilot: Pilot,
    to: Pilot.Status,
    *,
    by: User,
    reason: str,
    now: datetime,
    overridden: list[dict[str, str]] | None = None,
) -> Pilot:
    _refuse_unless(pilot, *UNDER_WAY, to=to)
    need_reason(reason, because="a pilot ends")
    pilot.ended_at = now
    _move(pilot, to, by=by, reason=reason, now=now, overridden=overridden)
    stage_status = Stage.Status.PASSED if to == Status.SCALED else Stage.Status.FAILED
    close_stage(pilot, stage_status, by=by, reason=reason, now=now)
    close_alerts(pilot, by=by, reason=reason, now=now)
    follow_pilots(pilot.decision_id, by=by, reason=f"The pilot {pilot} ended: {to.label.lower()}.")
    return pilot


def _refuse_unless(pilot: Pilot, *statuses: Pilot.Status, to: Pilot.Status) -> None:
    if pilot.status not in statuses:
        stands = pilot.get_status_display().lower()
        possible = " or ".join(status.label.lower() for status in statuses)
        text = f"This pilot is {stands}; only one that is {possible} can become {to.label.lower()}."
        raise Refused(Reason(text, "pilot"))


def _refuse_bad_zone(fields: Mapping[str, Any]) -> None:
    try:
        zone_of(str(fields.get("timezone", "UTC")))
    except ValueError as error:
        raise Refused(Reason(f"{capfirst(str(error))}.", "pilot", "timezone")) from error


def _refuse_moving_the_past(changed: frozenset[str]) -> None:
    names = {"start": "start", "timezone": "time zone", "ref": "short name"}
    reasons = [
        Reason(f"The {names[column]} can't change once the pilot has started.", "pilot", column)
        for column in sorted(changed & names.keys())
    ]
    if reasons:
        raise Refused(*reasons)
