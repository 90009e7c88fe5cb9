"""Write a decision, take it, and follow what its pilots make of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from pilots.models import Decision, Option, Pilot, Risk, User
from pilots.permissions import can_create_decision, can_edit_decision, require
from pilots.services.assigning import assign, refuse_own_reviewer
from pilots.services.errors import Reason, Refused
from pilots.services.saving import edit, lock, need_reason, remove, save, write
from pilots.services.touching import touch

Status = Decision.Status
# What was decided, why, and what was foreseen: a later change of these is shown for ever.
SUBSTANCE = frozenset(("context", "statement", "rationale", "prediction", "confidence"))
SINCE_DECIDED = "the decision has been taken"


@transaction.atomic
def create_decision(
    *, by: User, fields: Mapping[str, Any], options: Sequence[Mapping[str, Any]], now: datetime
) -> Decision:
    """Write a draft. Whoever writes it owns it unless somebody else is named."""
    require(can_create_decision, by, None)
    decision = Decision()
    write(decision, {"owner": by, **fields}, by=by, where="decision")
    _save_options(decision, options, by=by, reason="")
    return decision


@transaction.atomic
def change_decision(
    *,
    decision_id: int,
    by: User,
    fields: Mapping[str, Any],
    options: Sequence[Mapping[str, Any]] | None = None,
    reason: str = "",
    seen_version: int | None = None,
    now: datetime,
) -> Decision:
    """Edit a decision; `options`, where given, are all of them. Once decided its substance needs a reason."""
    decision = _lock_to_edit(decision_id, by=by, seen_version=seen_version)
    changed = edit(decision, fields, where="decision")
    options_changed = options is not None and _save_options(decision, options, by=by, reason=reason)
    if decision.decided_at and (options_changed or not SUBSTANCE.isdisjoint(changed)):
        need_reason(reason, "decision", because=SINCE_DECIDED)
        _refuse_undecided_options(decision)
        decision.changed_since_decided_at = now
    if changed or options_changed:
        save(decision, by=by, reason=reason)
    if not changed.isdisjoint(("owner_id", "deputy_id")):
        for pilot in decision.pilots.all():
            refuse_own_reviewer(pilot)
    return decision


@transaction.atomic
def set_decision_people(
    *, decision_id: int, by: User, people: Mapping[str, Iterable[str]], now: datetime, reason: str = ""
) -> Decision:
    """Say who decides, who is consulted and who is informed, by address."""
    decision = _lock_to_edit(decision_id, by=by)
    assign(decision, people, by=by, reason=reason)
    for pilot in decision.pilots.all():
        refuse_own_reviewer(pilot)
    return decision


@transaction.atomic
def save_risk(
    *,
    decision_id: int,
    by: User,
    fields: Mapping[str, Any],
    risk_id: int | None = None,
    reason: str = "",
    seen_version: int | None = None,
    now: datetime,
) -> Risk:
    decision = _lock_to_edit(decision_id, by=by)
    known = lock(decision.risks.all(), risk_id, seen_version=seen_version) if risk_id else None
    risk = known or Risk(decision=decision)
    if write(risk, fields, by=by, where="risks", reason=reason):
        _touch_pilots(decision)
    return risk


@transaction.atomic
def remove_risk(*, risk_id: int, by: User, reason: str = "", now: datetime) -> None:
    risk = Risk.objects.select_related("decision").get(pk=risk_id)
    decision = _lock_to_edit(risk.decision_id, by=by)
    remove(risk, by=by, reason=reason)
    _touch_pilots(decision)


@transaction.atomic
def propose_decision(*, decision_id: int, by: User, reason: str = "", now: datetime) -> Decision:
    """Put a draft before those who decide."""
    decision = _lock_to_edit(decision_id, by=by)
    _refuse_unless(decision, Status.DRAFT, act="proposed")
    decision.status, decision.proposed_at = Status.PROPOSED, now
    save(decision, by=by, reason=reason)
    return decision


@transaction.atomic
def decide(*, decision_id: int, by: User, reason: str = "", now: datetime) -> Decision:
    """Take a decision: exactly one of its options is chosen."""
    decision = _lock_to_edit(decision_id, by=by)
    _refuse_unless(decision, Status.DRAFT, Status.PROPOSED, act="decided")
    _refuse_undecided_options(decision)
    decision.status, decision.decided_at = Status.DECIDED, now
    save(decision, by=by, reason=reason)
    return decision


@transaction.atomic
def supersede_decision(
    *, decision_id: int, successor_id: int, by: User, reason: str, now: datetime
) -> Decision:
    """Let a newer decision take the place of this one. Return the one that was replaced."""
    decision = _lock_to_edit(decision_id, by=by)
    successor = _lock_to_edit(successor_id, by=by)
    need_reason(reason, "decision", because="another decision takes its place")
    _refuse_succession(decision, successor)
    decision.status = Status.SUPERSEDED
    successor.supersedes = decision
    for row in (decision, successor):
        save(row, by=by, reason=reason)
    return decision


def follow_pilots(decision_id: int, *, by: User | None, reason: str) -> None:
    """Let a decision's status say what its pilots do.

    Call it in the transaction of their move, which locked the decision before the pilot.
    """
    decision = lock(Decision.objects.all(), decision_id)
    status = status_after(Pilot.Status(pilot.status) for pilot in decision.pilots.all())
    if decision.status not in (status, Status.SUPERSEDED):
        decision.status = status
        save(decision, by=by, reason=reason)


def status_after(pilots: Iterable[Pilot.Status]) -> Decision.Status:
    """Return what a decision is, of which these are the pilots and at least one has started.

    While one runs, it is piloting. Of several that have ended, one that was scaled counts most:
    the change is in use. A stop counts before an inconclusive end; an invalid pilot says nothing.
    """
    states = set(pilots)
    if not states.isdisjoint((Pilot.Status.RUNNING, Pilot.Status.PAUSED)):
        return Status.PILOTING
    for outcome in (Status.SCALED, Status.STOPPED, Status.INCONCLUSIVE):
        if outcome.value in states:
            return outcome
    return Status.DECIDED


def _lock_to_edit(decision_id: int, *, by: User, seen_version: int | None = None) -> Decision:
    decision = lock(Decision.objects.all(), decision_id, seen_version=seen_version)
    require(can_edit_decision, by, decision)
    return decision


def _refuse_unless(decision: Decision, *statuses: Decision.Status, act: str) -> None:
    if decision.status not in statuses:
        stands = decision.get_status_display().lower()
        raise Refused(Reason(f"This decision is {stands} and can't be {act} now.", "decision"))


def _refuse_undecided_options(decision: Decision) -> None:
    chosen = decision.options.filter(chosen=True).count()
    if chosen != 1:
        raise Refused(Reason("Choose exactly one of the options.", "options"))


def _refuse_succession(decision: Decision, successor: Decision) -> None:
    reasons = []
    if decision == successor or Status.SUPERSEDED in (decision.status, successor.status):
        reasons.append(Reason("Choose another decision that still stands.", "decision"))
    if successor.supersedes_id:
        reasons.append(Reason(f"{successor} already takes the place of another decision.", "decision"))
    active = (Pilot.Status.RUNNING, Pilot.Status.PAUSED)
    for pilot in decision.pilots.filter(status__in=active):
        reasons.append(Reason(f"End the pilot “{pilot}” first.", "pilots"))
    if reasons:
        raise Refused(*reasons)


def _save_options(decision: Decision, options: Sequence[Mapping[str, Any]], *, by: User, reason: str) -> bool:
    """Make these the options of a decision. Return whether anything changed."""
    keys = [str(option.get("key", "")) for option in options]
    if len(set(keys)) < len(keys):
        raise Refused(Reason("Each option needs a letter of its own.", "options", "key"))
    if sum(bool(option.get("chosen")) for option in options) > 1:
        raise Refused(Reason("Choose exactly one of the options.", "options", "chosen"))
    known = {option.key: option for option in decision.options.all()}
    gone = [known[key] for key in known.keys() - set(keys)]
    for option in gone:
        remove(option, by=by, reason=reason)
    changed = bool(gone)
    # The chosen one last: until the other is let go there would be two.
    for fields in sorted(options, key=lambda option: bool(option.get("chosen"))):
        row = known.get(str(fields.get("key", ""))) or Option(decision=decision)
        changed |= bool(write(row, fields, by=by, where="options", reason=reason))
    return changed


def _touch_pilots(decision: Decision) -> None:
    for pilot_id in decision.pilots.order_by("state__pk").values_list("pk", flat=True):
        touch(pilot_id)
