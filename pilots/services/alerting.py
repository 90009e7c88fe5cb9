"""Open, refresh and close the alerts of a pilot as its signals say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F

from pilots.evaluation.signals import JUDGED, Signal, SignalKind, Standing
from pilots.models import Alert, AlertEvent, Condition, Evaluation, Pilot

REOPENS_WITHIN = timedelta(hours=24)
QUIET = (Standing.EASED, Standing.OVER, Standing.WITHDRAWN)


class Overtaken(Exception):
    """Raised when somebody changed an alert since it was read: the whole act is done again."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn of an alert that people are told of."""

    alert: Alert
    event: AlertEvent


Identity = tuple[str, str, str]  # kind, condition ref, scope: never a value, a date or a text


def reconcile_alerts(
    *,
    pilot: Pilot,
    signals: Iterable[Signal],
    evaluation: Evaluation | None,
    now: datetime,
    known: Sequence[Alert],
) -> list[Turn]:
    """Bring a pilot's alerts in line with its signals; call it under the pilot's lock.

    `evaluation` is the row these signals belong to, None when nothing changed since the last one;
    `known` are the pilot's alerts of `unresolved_of`, read under the same lock.
    Returns the turns that are told: first, worse, opened again, resolved.
    """
    unresolved = {identity_of(alert): alert for alert in known}
    turns: list[Turn | None] = []
    for signal in signals:
        alert = unresolved.pop((signal.kind.value, signal.condition, signal.scope), None)
        if alert is not None:
            turns.append(_follow(alert, signal, evaluation, now))
        elif signal.standing in (Standing.RAISED, Standing.EASED):
            turns.append(_open(pilot, signal, evaluation, now))
    # What no signal speaks of any more was retired by a person.
    gone = [alert for alert in unresolved.values() if not alert_is_latched(alert)]
    turns += [_resolve(alert, "retired", "The rule was retired.", now) for alert in gone]
    return [turn for turn in turns if turn is not None]


def raise_alert(*, pilot: Pilot, signal: Signal, now: datetime) -> Turn | None:
    """Raise one signal without looking at the others."""
    known = {identity_of(alert): alert for alert in unresolved_of([pilot.pk])[pilot.pk]}
    alert = known.get((signal.kind.value, signal.condition, signal.scope))
    return _keep(alert, signal, None, now) if alert else _open(pilot, signal, None, now)


def identity_of(alert: Alert) -> Identity:
    return (alert.kind, alert.condition.ref if alert.condition else "", alert.scope)


def alert_is_latched(alert: Alert) -> bool:
    return alert.kind == Alert.Kind.STOP_CONDITION


def unresolved_of(pilot_ids: Iterable[int], kinds: Sequence[SignalKind] = JUDGED) -> dict[int, list[Alert]]:
    """Return the unresolved alerts of a family of signals, by pilot; a pilot without any has none."""
    by_pilot: dict[int, list[Alert]] = {pilot_id: [] for pilot_id in pilot_ids}
    rows = Alert.objects.unresolved().filter(pilot__in=by_pilot, kind__in=kinds)
    for alert in rows.select_related("condition__metric", "condition__driver").order_by("pk"):
        by_pilot[alert.pilot_id].append(alert)
    return by_pilot


def _open(pilot: Pilot, signal: Signal, evaluation: Evaluation | None, now: datetime) -> Turn:
    """Open an alert, or open the same one again if it closed within a day."""
    condition = pilot.conditions.filter(ref=signal.condition).first() if signal.condition else None
    earlier = _last_resolved(pilot, signal, condition)
    if earlier and earlier.resolved_at and now - earlier.resolved_at <= REOPENS_WITHIN:
        return _reopen(earlier, signal, evaluation, now)
    alert = Alert.objects.create(
        pilot=pilot,
        kind=signal.kind.value,
        condition=condition,
        scope=signal.scope,
        severity=signal.severity.value,
        sentence=signal.sentence,
        rule_snapshot=dict(signal.rule),
        result=_found(signal),
        opened_at=now,
        last_seen_at=now,
        first_value=signal.value,
        last_value=signal.value,
        worst_value=signal.value,
        evaluation=evaluation or pilot.state.evaluation,
        late=signal.late,
        previous=earlier,
    )
    note = "Late or corrected readings opened this." if signal.late else ""
    return Turn(alert, _event(alert, AlertEvent.Kind.OPENED, now, after=alert.status, note=note))


def _last_resolved(pilot: Pilot, signal: Signal, condition: Condition | None) -> Alert | None:
    same = Alert.objects.filter(
        pilot=pilot, kind=signal.kind.value, condition=condition, scope=signal.scope
    ).filter(status=Alert.Status.RESOLVED)
    return same.order_by("-resolved_at", "-pk").first()


def _reopen(alert: Alert, signal: Signal, evaluation: Evaluation | None, now: datetime) -> Turn:
    before = alert.status
    _change(
        alert,
        status=Alert.Status.OPEN,
        severity=signal.severity.value,
        resolved_at=None,
        resolution="",
        **_seen(alert, signal, evaluation, now),
    )
    return Turn(alert, _event(alert, AlertEvent.Kind.REOPENED, now, before=before, after=alert.status))


def _follow(alert: Alert, signal: Signal, evaluation: Evaluation | None, now: datetime) -> Turn | None:
    """Move an unresolved alert along with its signal."""
    if signal.standing is Standing.HELD:
        return None
    if signal.standing is Standing.RAISED:
        return _keep(alert, signal, evaluation, now)
    if signal.is_latched:
        _note_recovery(alert, signal, evaluation, now)
        return None
    if signal.standing is Standing.WITHDRAWN:
        return _resolve(alert, "withdrawn", signal.sentence, now)
    over = "over" if signal.kind is SignalKind.SCALE_UP else "recovered"
    return _resolve(alert, over, signal.sentence, now)


def _keep(alert: Alert, signal: Signal, evaluation: Evaluation | None, now: datetime) -> Turn | None:
    """Note that it was seen again; only a higher severity is told."""
    before, severity = alert.status, alert.severity
    came_back = alert.result.get("standing") in QUIET
    worse = signal.severity.value < severity
    if worse:
        _change(
            alert,
            status=Alert.Status.OPEN,
            severity=signal.severity.value,
            **_seen(alert, signal, evaluation, now),
        )
        note = f"{severity} → {alert.severity}"
        event = _event(alert, AlertEvent.Kind.WORSENED, now, before=before, after=alert.status, note=note)
        return Turn(alert, event)
    if signal.severity.value > severity:
        _change(alert, severity=signal.severity.value)
        _event(alert, AlertEvent.Kind.EASED, now, note=f"{severity} → {alert.severity}")
    if came_back:
        _event(alert, AlertEvent.Kind.NOTE, now, note=f"Past the limit again. {signal.sentence}")
    _see(alert, signal, evaluation, now)
    return None


def _note_recovery(alert: Alert, signal: Signal, evaluation: Evaluation | None, now: datetime) -> None:
    """Say that a latched alert's numbers are back, or were never past it; only a person closes it."""
    before = alert.result.get("standing")
    if signal.standing is Standing.WITHDRAWN:
        _event(alert, AlertEvent.Kind.WITHDRAWN, now, note=signal.sentence)
    elif before not in QUIET:
        _event(alert, AlertEvent.Kind.RECOVERED, now, note=signal.sentence)
    elif signal.standing is Standing.OVER:
        return  # the sentence of the turn before says why
    _see(alert, signal, evaluation, now)


def _see(alert: Alert, signal: Signal, evaluation: Evaluation | None, now: datetime) -> None:
    """Refresh what was last seen. It is no turn of the alert, so people's acts are not overtaken by it."""
    fields = _seen(alert, signal, evaluation, now)
    if all(getattr(alert, name) == value for name, value in fields.items()):
        return
    Alert.objects.filter(pk=alert.pk).update(**fields)
    for name, value in fields.items():
        setattr(alert, name, value)


def _seen(alert: Alert, signal: Signal, evaluation: Evaluation | None, now: datetime) -> dict[str, object]:
    return {
        "last_seen_at": now,
        "sentence": _sentence(signal),
        "result": _found(signal),
        "last_value": signal.value,
        "worst_value": signal.worse(alert.worst_value),
        "count": alert.count + (1 if evaluation and signal.standing is Standing.RAISED else 0),
    }


def _sentence(signal: Signal) -> str:
    if signal.is_latched and signal.standing in (Standing.OVER, Standing.WITHDRAWN):
        return f"{signal.sentence} This stays open until you decide: continue, pause or stop."
    return signal.sentence


def _found(signal: Signal) -> dict[str, object]:
    return {"standing": signal.standing.value, **signal.facts}


def _resolve(alert: Alert, resolution: str, note: str, now: datetime) -> Turn:
    before = alert.status
    _change(alert, status=Alert.Status.RESOLVED, resolution=resolution, resolved_at=now, sentence=note)
    kind = AlertEvent.Kind.WITHDRAWN if resolution == "withdrawn" else AlertEvent.Kind.RESOLVED
    return Turn(alert, _event(alert, kind, now, before=before, after=alert.status, note=note))


def _change(alert: Alert, **fields: object) -> None:
    """Write an alert's turn if nobody turned it meanwhile."""
    seen = Alert.objects.filter(pk=alert.pk, status=alert.status, token=alert.token)
    if not seen.update(token=F("token") + 1, **fields):
        raise Overtaken(f"{alert.ref} was changed by somebody else.")
    alert.token += 1
    for name, value in fields.items():
        setattr(alert, name, value)


def _event(
    alert: Alert,
    kind: AlertEvent.Kind,
    now: datetime,
    *,
    before: str = "",
    after: str = "",
    note: str = "",
) -> AlertEvent:
    return AlertEvent.objects.create(
        alert=alert, at=now, kind=kind, from_status=before, to_status=after, note=note
    )
