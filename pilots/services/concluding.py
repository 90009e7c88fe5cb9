"""Store what was judged, and all that follows from it, in one short transaction."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from pilots.evaluation.documents import as_json
from pilots.evaluation.judging import memory_of
from pilots.evaluation.results import PilotResult
from pilots.evaluation.signals import Signal, SignalKind, Standing, signals_of
from pilots.evaluation.specs import PilotSpec, Reading
from pilots.evaluation.vocabulary import ConditionKind, Severity
from pilots.models import AlertEvent, Evaluation, Pilot, PilotState
from pilots.services.alerting import Turn, reconcile_alerts, unresolved_of
from pilots.services.charting import chart_of
from pilots.services.leasing import Claim, ClaimLost, held
from pilots.services.letters import Occasion
from pilots.services.piloting import pause_by_engine
from pilots.services.remembering import Remembered, remember
from pilots.services.telling import tell, warn_early

EVALUATOR = "1"


@dataclass(frozen=True, slots=True)
class Look:
    """What was known of a pilot at one instant, and what follows from it."""

    pilot: Pilot
    spec: PilotSpec
    readings: list[Reading]
    remembered: Remembered
    result: PilotResult


@transaction.atomic
def conclude(claim: Claim, look: Look, now: datetime) -> None:
    """Write a look's verdict, its alerts and their mails, if the claim still holds."""
    # The pilot before its state: people's acts lock in the same order.
    running = Pilot.objects.select_for_update().filter(pk=claim.pilot_id, status=Pilot.Status.RUNNING)
    if running.values_list("pk", flat=True).first() is None:
        raise ClaimLost(f"{look.pilot.ref} was moved while it was judged.")
    state = held(claim)
    evaluation = _store_evaluation(look, state, now)
    remember(look.pilot, look.result, look.remembered, memory_of(look.spec, look.result), now=now)
    signals = [*signals_of(look.result, look.spec, looked_before=state.last_evaluated_at), _mended(look)]
    known = unresolved_of([claim.pilot_id])[claim.pilot_id]
    turns = reconcile_alerts(pilot=look.pilot, signals=signals, evaluation=evaluation, now=now, known=known)
    fired = [t for t in turns if t.alert.kind == SignalKind.STOP_CONDITION and _is_opening(t)]
    paused = bool(fired) and look.pilot.pause_on_stop
    occasion = Occasion(look.spec, look.result, now, paused=paused)
    for turn in turns:
        tell(turn, occasion, chart_svg=_chart(look, *_shown(turn, look), now))
    _warn_early(look, occasion)
    _heartbeat(claim, look, evaluation, state, now)
    if paused:
        pause_by_engine(pilot_id=look.pilot.pk, reason=fired[0].alert.sentence, now=now)


def _store_evaluation(look: Look, state: PilotState, now: datetime) -> Evaluation | None:
    """Append an evaluation if anything differs from the last one."""
    result, versions = as_json(look.result), _versions(look.spec)
    digest = _digest(result, versions)
    if state.evaluation and state.evaluation.digest == digest:
        return None
    return Evaluation.objects.create(
        pilot=look.pilot,
        as_of=now,
        recorded_at=now,
        verdict=look.result.verdict.value,
        reason=look.result.reason,
        sentence=look.result.sentence,
        badges=list(look.result.badges),
        result=result,
        versions=versions,
        digest=digest,
        evaluator=EVALUATOR,
        next_look_at=look.result.next_look_at,
    )


def _digest(result: dict[str, object], versions: dict[str, object]) -> str:
    """Return what is the same while nothing changed; when the next look comes is no part of it."""
    lasting = {key: value for key, value in result.items() if key != "next_look_at"}
    return sha256(json.dumps([lasting, versions], sort_keys=True).encode()).hexdigest()


def _versions(spec: PilotSpec) -> dict[str, object]:
    baselines = {m.ref: m.baseline.version for m in spec.metrics if m.baseline}
    return {"conditions": {c.ref: c.version for c in spec.conditions}, "baselines": baselines}


def _mended(look: Look) -> Signal:
    return Signal(SignalKind.TECHNICAL, Standing.OVER, Severity.SEV3, f"{look.pilot.ref} is judged again.")


def _is_opening(turn: Turn) -> bool:
    return turn.event.kind in (AlertEvent.Kind.OPENED, AlertEvent.Kind.REOPENED)


def _warn_early(look: Look, occasion: Occasion) -> None:
    conditions = {condition.ref: condition for condition in look.pilot.conditions.all()}
    for found in look.result.conditions:
        known = look.remembered.conditions.get((found.ref, found.scope))
        warned = known is not None and bool(known.result.get("early_warning"))
        if found.early_warning and not found.observe_only and not warned:
            chart = _chart(look, found.ref, found.scope, occasion.now)
            warn_early(found, conditions[found.ref], look.pilot, occasion, chart_svg=chart)


def _shown(turn: Turn, look: Look) -> tuple[str, str]:
    """Return the condition and scope that a turn's chart shows; a scale-up shows its first criterion."""
    alert = turn.alert
    if alert.kind == SignalKind.SCALE_UP:
        met = (c for c in look.result.conditions if c.kind is ConditionKind.THRESHOLD and not c.observe_only)
        return next(((c.ref, c.scope) for c in met), ("", ""))
    return (alert.condition.ref if alert.condition else "", alert.scope)


def _chart(look: Look, condition: str, scope: str, now: datetime) -> str:
    return chart_of(look.spec, condition, scope, look.readings, now=now)


def _heartbeat(
    claim: Claim, look: Look, evaluation: Evaluation | None, state: PilotState, now: datetime
) -> None:
    """Say that the pilot was looked at, and give the claim back."""
    verdict = look.result.verdict.value
    PilotState.objects.filter(pk=state.pk, fence=claim.fence).update(
        last_evaluated_at=now,
        next_look_at=look.result.next_look_at,
        evaluated_seq=Greatest(F("evaluated_seq"), claim.dirty_seq),
        evaluation=evaluation or state.evaluation,
        verdict=verdict,
        verdict_since=state.verdict_since if state.verdict == verdict else now,
        lease_until=None,
        failures=0,
        retry_at=None,
        last_error="",
    )
