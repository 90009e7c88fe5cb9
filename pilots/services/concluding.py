"""Store what was judged of some pilots, and all that follows from it, in one short transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import transaction

from pilots.evaluation.documents import as_json
from pilots.evaluation.judging import memory_of
from pilots.evaluation.signals import Signal, SignalKind, Standing, is_quiet, signals_of
from pilots.evaluation.specs import PilotSpec
from pilots.evaluation.vocabulary import ConditionKind, Severity
from pilots.models import Alert, AlertEvent, Evaluation, Pilot, PilotState
from pilots.services.alerting import Turn, reconcile_alerts, unresolved_of
from pilots.services.charting import chart_of
from pilots.services.leasing import Claim, ClaimLost, Heartbeat, give_back, held
from pilots.services.letters import Occasion
from pilots.services.looking import Look
from pilots.services.piloting import pause_by_engine
from pilots.services.remembering import Lesson, lesson_of, remember
from pilots.services.rows import insert_rows
from pilots.services.telling import tell, warn_early

EVALUATOR = "1"
COLUMNS = tuple(field.attname for field in Evaluation._meta.concrete_fields if not field.primary_key)


@dataclass(frozen=True, slots=True)
class Draft:
    """A look under its claim, written down before anything is locked; no evaluation where nothing differs."""

    claim: Claim
    look: Look
    now: datetime
    evaluation: Evaluation | None
    lesson: Lesson


@dataclass(frozen=True, slots=True)
class Verdict:
    """A draft whose claim holds; `state` is what was known before it, locked."""

    draft: Draft
    state: PilotState


def conclude(claim: Claim, look: Look, now: datetime) -> None:
    """Write a look's verdict, its alerts and their mails, or raise ClaimLost."""
    for lost in conclude_all([(claim, look, now)]):
        raise lost


def conclude_all(judged: Sequence[tuple[Claim, Look, datetime]]) -> list[ClaimLost]:
    """Write the verdicts whose claims still hold, with their alerts and mails; return what was lost."""
    return _conclude([_draft(claim, look, now) for claim, look, now in judged])


def _draft(claim: Claim, look: Look, now: datetime) -> Draft:
    evaluation = _evaluation(look, now)
    is_news = evaluation.digest != look.known_digest
    memory = memory_of(look.spec, look.result)
    lesson = lesson_of(look.pilot, look.result, memory, known=look.remembered, is_news=is_news, now=now)
    return Draft(claim, look, now, evaluation if is_news else None, lesson)


@transaction.atomic
def _conclude(drafts: Sequence[Draft]) -> list[ClaimLost]:
    ids = sorted(draft.claim.pilot_id for draft in drafts)
    # The pilots before their states: people's acts lock in the same order.
    locked = Pilot.objects.select_for_update().filter(pk__in=ids, status=Pilot.Status.RUNNING)
    running = set(locked.order_by("pk").values_list("pk", flat=True))
    states = held(draft.claim for draft in drafts)
    lost = [
        _lost(draft, is_running=draft.claim.pilot_id in running)
        for draft in drafts
        if draft.claim.pilot_id not in running or draft.claim.pilot_id not in states
    ]
    gone = {reason.claim.pilot_id for reason in lost}
    _store([Verdict(d, states[d.claim.pilot_id]) for d in drafts if d.claim.pilot_id not in gone])
    return lost


def _lost(draft: Draft, *, is_running: bool) -> ClaimLost:
    if not is_running:
        return ClaimLost(draft.claim, f"{draft.look.pilot.ref} was moved while it was judged.")
    return ClaimLost(draft.claim, f"Pilot {draft.claim.pilot_id} was taken over by another worker.")


def _store(verdicts: Sequence[Verdict]) -> None:
    _store_evaluations([v.draft.evaluation for v in verdicts if v.draft.evaluation])
    remember([verdict.draft.lesson for verdict in verdicts])
    unresolved = unresolved_of(verdict.draft.claim.pilot_id for verdict in verdicts)
    to_pause = []
    for verdict in verdicts:
        fired = _tell(verdict, unresolved[verdict.draft.claim.pilot_id])
        to_pause += [(verdict.draft, fired)] if fired and verdict.draft.look.pilot.pause_on_stop else []
    give_back([_heartbeat(verdict) for verdict in verdicts])
    for draft, fired in to_pause:
        pause_by_engine(pilot_id=draft.claim.pilot_id, reason=fired[0].alert.sentence, now=draft.now)


def _store_evaluations(rows: Sequence[Evaluation]) -> None:
    for row, key in zip(rows, insert_rows(rows, COLUMNS), strict=True):
        row.pk, row._state.adding = key, False


def _evaluation(look: Look, now: datetime) -> Evaluation:
    found, versions = look.result, _versions(look.spec)
    result = as_json(found)
    return Evaluation(
        pilot=look.pilot,
        as_of=now,
        recorded_at=now,
        verdict=found.verdict.value,
        reason=found.reason,
        sentence=found.sentence,
        badges=list(found.badges),
        result=result,
        versions=versions,
        digest=_digest(result, versions),
        evaluator=EVALUATOR,
        next_look_at=found.next_look_at,
    )


def _digest(result: Mapping[str, object], versions: Mapping[str, object]) -> str:
    """Return what is the same while nothing changed; when the next look comes is no part of it."""
    lasting = {key: value for key, value in result.items() if key != "next_look_at"}
    return sha256(json.dumps([lasting, versions], sort_keys=True).encode()).hexdigest()


def _versions(spec: PilotSpec) -> dict[str, object]:
    baselines = {m.ref: m.baseline.version for m in spec.metrics if m.baseline}
    return {"conditions": {c.ref: c.version for c in spec.conditions}, "baselines": baselines}


def _tell(verdict: Verdict, known: Sequence[Alert]) -> list[Turn]:
    """Bring a pilot's alerts in line, queue their mails, and return the stop conditions that fired."""
    look, now = verdict.draft.look, verdict.draft.now
    turns = [] if is_quiet(look.result) and not known else _reconcile(verdict, known)
    fired = [t for t in turns if t.alert.kind == SignalKind.STOP_CONDITION and _is_opening(t)]
    occasion = Occasion(look.spec, look.result, now, paused=bool(fired) and look.pilot.pause_on_stop)
    for turn in turns:
        tell(turn, occasion, chart_svg=_chart(look, *_shown(turn, look), now))
    _warn_early(look, occasion)
    return fired


def _reconcile(verdict: Verdict, known: Sequence[Alert]) -> list[Turn]:
    draft, look = verdict.draft, verdict.draft.look
    looked_before = verdict.state.last_evaluated_at
    signals = [*signals_of(look.result, look.spec, looked_before=looked_before), _mended(look)]
    return reconcile_alerts(
        pilot=look.pilot, signals=signals, evaluation=draft.evaluation, now=draft.now, known=known
    )


def _mended(look: Look) -> Signal:
    return Signal(SignalKind.TECHNICAL, Standing.OVER, Severity.SEV3, f"{look.pilot.ref} is judged again.")


def _is_opening(turn: Turn) -> bool:
    return turn.event.kind in (AlertEvent.Kind.OPENED, AlertEvent.Kind.REOPENED)


def _warn_early(look: Look, occasion: Occasion) -> None:
    conditions = {condition.ref: condition for condition in look.pilot.conditions.all()}
    for found in look.result.conditions:
        known = look.remembered.conditions.get((found.ref, found.scope))
        warned = known is not None and bool(known.warned)
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


def _heartbeat(verdict: Verdict) -> Heartbeat:
    draft, state = verdict.draft, verdict.state
    result, evaluation = draft.look.result, draft.evaluation
    is_new = state.verdict != result.verdict.value
    return Heartbeat(
        pilot_id=draft.claim.pilot_id,
        fence=draft.claim.fence,
        evaluated_seq=draft.claim.dirty_seq,
        last_evaluated_at=draft.now,
        next_look_at=result.next_look_at,
        evaluation_id=evaluation.pk if evaluation else state.evaluation_id,
        verdict=result.verdict.value,
        verdict_since=draft.now if is_new else state.verdict_since,
    )
