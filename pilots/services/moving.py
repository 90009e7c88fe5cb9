"""The record of every move, and what a move against the plan costs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pilots.evaluation.vocabulary import Verdict
from pilots.models import Decision, Pilot, PilotMove, PilotState, Stage, User
from pilots.permissions import can_move_pilot, can_override, require
from pilots.reports.gates import gates_of
from pilots.reports.readiness import Check, readiness_of
from pilots.services.errors import Reason, Refused


def record_move(
    pilot: Pilot,
    before: str,
    after: str,
    *,
    by: User | None,
    reason: str,
    now: datetime,
    stage: Stage | None = None,
    overridden: list[dict[str, str]] | None = None,
) -> PilotMove:
    """Keep a move with its actor (None is the engine), its reason and the verdict of that moment."""
    return PilotMove.objects.create(
        pilot=pilot,
        stage=stage,
        from_status=before,
        to_status=after,
        by=by,
        at=now,
        reason=reason,
        verdict=verdict_of(pilot),
        overridden=overridden or [],
    )


def verdict_of(pilot: Pilot) -> str:
    return PilotState.objects.values_list("verdict", flat=True).get(pilot=pilot)


def keep_to_plan(
    pilot: Pilot, *, by: User, override: str, now: datetime, to_scale: bool = False
) -> list[dict[str, str]]:
    """Refuse a move that goes against the plan, unless a reviewer sets that aside with a reason.

    Return what was set aside. Only owners may move with the plan, only a reviewer against it.
    """
    refusals = refusals_of(gates_of(pilot, now=now))
    if to_scale:
        refusals += _before_scaling(pilot)
    if refusals and override.strip():
        require(can_override, by, pilot)
        return [{"refusal": reason.text, "where": reason.where, "because": override} for reason in refusals]
    require(can_move_pilot, by, pilot)
    if refusals:
        raise Refused(*refusals)
    return []


def _before_scaling(pilot: Pilot) -> list[Reason]:
    to_come = pilot.stages.filter(status=Stage.Status.NOT_STARTED).order_by("order")
    reasons = [Reason(f"Stage “{stage}” has not run yet.", "stages") for stage in to_come]
    if verdict_of(pilot) != Verdict.SCALE_UP:
        reasons.append(Reason("The headline does not say scale up.", "conditions"))
    return reasons


def refusals_of(checks: Iterable[Check]) -> list[Reason]:
    return [Reason(text, check.where) for check in checks for text in check.missing]


def refuse_unready(pilot: Pilot) -> None:
    refusals = refusals_of(readiness_of(Pilot.objects.with_rules().get(pk=pilot.pk)))
    if refusals:
        raise Refused(*refusals)


def refuse_undecided(pilot: Pilot) -> None:
    decision = Decision.objects.get(pk=pilot.decision_id)
    if decision.status == Decision.Status.SUPERSEDED:
        raise Refused(Reason("Another decision took the place of this one.", "decision"))
    if decision.decided_at is None:
        raise Refused(Reason("The decision has not been taken yet: choose an option and decide.", "decision"))
