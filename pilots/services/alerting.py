"""Open, refresh and close the alerts of a pilot as its signals say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from pilots.evaluation.signals import JUDGED, Signal, SignalKind, Standing
from pilots.models import Alert, AlertEvent, Condition, Evaluation, Pilot, User
from pilots.services.chaining import chain_of
from pilots.services.flapping import is_held_open, now_flaps
from pilots.services.sighting import QUIET as QUIET
from pilots.services.sighting import found, see, seen
from pilots.services.turning import CONTINUED, change, due_of, enter, had_by, opened, resolved, take_turn
from pilots.services.turning import Overtaken as Overtaken
from pilots.services.turning import Turn as Turn

REOPENS_WITHIN = timedelta(hours=24)

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
    for row in known:
        row.pilot = pilot
    turns: list[Turn | None] = []
    for signal in signals:
        alert = unresolved.pop((signal.kind.value, signal.condition, signal.scope), None)
        if alert is not None:
            turns.append(_follow(alert, signal, evaluation, now))
        elif signal.standing in (Standing.RAISED, Standing.EASED):
            turns.append(_open(pilot, signal, evaluation, now))
    # What no signal speaks of any more was retired by a person.
    gone = [alert for alert in unresolved.values() if not alert_is_latched(alert)]
    for alert in filter(_is_accepted, gone):
        change(alert, accepted_until=None)
    gone = [alert for alert in gone if not _is_accepted(alert)]
    turns += [_resolve(alert, "retired", "The rule was retired.", now) for alert in gone]
    return [turn for turn in turns if turn is not None]


def raise_alert(*, pilot: Pilot, signal: Signal, now: datetime) -> Turn | None:
    """Raise one signal without looking at the others."""
    known = {identity_of(alert): alert for alert in unresolved_of([pilot.pk])[pilot.pk]}
    alert = known.get((signal.kind.value, signal.condition, signal.scope))
    return _follow(alert, signal, None, now) if alert else _open(pilot, signal, None, now)


def identity_of(alert: Alert) -> Identity:
    return (alert.kind, alert.condition.ref if alert.condition else "", alert.scope)


def alert_is_latched(alert: Alert) -> bool:
    return alert.kind == Alert.Kind.STOP_CONDITION


def unresolved_of(pilot_ids: Iterable[int], kinds: Sequence[SignalKind] = JUDGED) -> dict[int, list[Alert]]:
    """Return the alerts that answer a family of signals, by pilot; a pilot without any has none."""
    by_pilot: dict[int, list[Alert]] = {pilot_id: [] for pilot_id in pilot_ids}
    # What is put up with has closed, and still answers its signal.
    open_or_accepted = ~Q(status=Alert.Status.RESOLVED) | Q(
        accepted_until__isnull=False, due_at__isnull=False
    )
    rows = Alert.objects.filter(open_or_accepted, pilot__in=by_pilot, kind__in=kinds)
    for alert in rows.select_related("condition__metric", "condition__driver").order_by("pk"):
        by_pilot[alert.pilot_id].append(alert)
    return by_pilot


def _open(pilot: Pilot, signal: Signal, evaluation: Evaluation | None, now: datetime) -> Turn | None:
    """Open an alert, or open the same one again if it closed within a day."""
    condition = pilot.conditions.filter(ref=signal.condition).first() if signal.condition else None
    earlier = _last_resolved(pilot, signal, condition)
    if earlier and _was_answered_since(earlier, signal):
        return None
    if earlier and earlier.resolved_at and now - earlier.resolved_at <= REOPENS_WITHIN:
        return _reopen(earlier, signal, evaluation, now)
    alert = Alert(
        pilot=pilot,
        kind=signal.kind.value,
        condition=condition,
        scope=signal.scope,
        severity=signal.severity.value,
        sentence=signal.sentence,
        rule_snapshot=dict(signal.rule),
        result=found(signal),
        opened_at=now,
        last_seen_at=now,
        first_value=signal.value,
        last_value=signal.value,
        worst_value=signal.value,
        evaluation=evaluation or pilot.state.evaluation,
        late=signal.late,
        previous=earlier,
    )
    return _told_of_flapping(open_anew(alert, now, note=LATE if signal.late else ""), now)


def _was_answered_since(earlier: Alert, signal: Signal) -> bool:
    """Say whether a person decided to go on while the look behind a signal was under way.

    Such a look is out of date, and the pilot is judged again at once.
    """
    if earlier.resolution != CONTINUED or earlier.resolved_at is None:
        return False
    return signal.decided_at is None or signal.decided_at < earlier.resolved_at


LATE = "Late or corrected readings opened this."


def open_anew(alert: Alert, now: datetime, *, note: str = "", by: User | None = None) -> Turn:
    """Store an alert nobody has yet: its chain is frozen, its clock starts."""
    alert.chain = chain_of(alert)
    for name, value in opened(alert, now).items():
        setattr(alert, name, value)
    alert.due_at = due_of(alert)
    alert.save(force_insert=True)
    return Turn(alert, enter(alert, AlertEvent.Kind.OPENED, now=now, by=by, after=alert.status, note=note))


def _told_of_flapping(turn: Turn, now: datetime) -> Turn:
    """Return the turn that is told: where an alert has come and gone too often, once that it does."""
    alert = turn.alert
    since = None if alert_is_latched(alert) else now_flaps(alert, now)
    if since == alert.flapping_since:
        return turn
    if since is None:  # that was another week
        change(alert, flapping_since=None)
        return turn
    return take_turn(alert, AlertEvent.Kind.FLAPPING, now=now, flapping_since=since)


def _last_resolved(pilot: Pilot, signal: Signal, condition: Condition | None) -> Alert | None:
    same = Alert.objects.filter(
        pilot=pilot, kind=signal.kind.value, condition=condition, scope=signal.scope
    ).filter(status=Alert.Status.RESOLVED)
    return same.order_by("-resolved_at", "-pk").first()


def _reopen(alert: Alert, signal: Signal, evaluation: Evaluation | None, now: datetime) -> Turn:
    alert.severity = signal.severity.value
    turn = take_turn(
        alert,
        AlertEvent.Kind.REOPENED,
        now=now,
        severity=signal.severity.value,
        **opened(alert, now),
        **seen(alert, signal, evaluation, now),
    )
    return _told_of_flapping(turn, now)


def _follow(alert: Alert, signal: Signal, evaluation: Evaluation | None, now: datetime) -> Turn | None:
    """Move an unresolved alert along with its signal."""
    if signal.standing is Standing.HELD:
        return None
    if _is_accepted(alert):
        return _while_accepted(alert, signal, evaluation, now)
    if signal.standing is Standing.RAISED:
        return _keep(alert, signal, evaluation, now)
    if signal.is_latched:
        _note_recovery(alert, signal, evaluation, now)
        return None
    if signal.standing is Standing.WITHDRAWN:
        return _resolve(alert, "withdrawn", signal.sentence, now)
    if is_held_open(alert, now, calm=alert.result.get("standing") in QUIET):
        _note_recovery(alert, signal, evaluation, now)
        return None
    over = "over" if signal.kind is SignalKind.SCALE_UP else "recovered"
    return _resolve(alert, over, signal.sentence, now)


def _is_accepted(alert: Alert) -> bool:
    return alert.status == Alert.Status.RESOLVED


def _while_accepted(
    alert: Alert, signal: Signal, evaluation: Evaluation | None, now: datetime
) -> Turn | None:
    """Note how something stands that is put up with; it opens again early only where it is worse."""
    if signal.standing is Standing.RAISED and signal.severity.value < alert.severity:
        return _reopen(alert, signal, evaluation, now)
    see(alert, signal, evaluation, now)
    return None


def _keep(alert: Alert, signal: Signal, evaluation: Evaluation | None, now: datetime) -> Turn | None:
    """Note that it was seen again; only a higher severity is told."""
    severity = alert.severity
    came_back = alert.result.get("standing") in QUIET
    if signal.severity.value < severity:
        return _worsen(alert, signal, evaluation, now)
    see(alert, signal, evaluation, now)
    if signal.severity.value > severity:
        change(alert, severity=signal.severity.value)
        enter(alert, AlertEvent.Kind.EASED, now=now, note=f"{severity} → {alert.severity}")
    if came_back:
        enter(alert, AlertEvent.Kind.NOTE, now=now, note=f"Past the limit again. {signal.sentence}")
    return None


def _worsen(alert: Alert, signal: Signal, evaluation: Evaluation | None, now: datetime) -> Turn:
    """Raise an alert's severity: it is open again for everybody, taken or snoozed before or not."""
    before, alert.severity = alert.severity, signal.severity.value
    return take_turn(
        alert,
        AlertEvent.Kind.WORSENED,
        now=now,
        facts=had_by(alert),
        note=f"{before} → {alert.severity}",
        severity=alert.severity,
        **opened(alert, now),
        **seen(alert, signal, evaluation, now),
    )


def _note_recovery(alert: Alert, signal: Signal, evaluation: Evaluation | None, now: datetime) -> None:
    """Say that a latched alert's numbers are back, or were never past it; only a person closes it."""
    is_news = alert.result.get("standing") not in QUIET
    if signal.standing is Standing.OVER and not is_news:
        return  # the sentence of the turn before says why
    # Before its entry, which keeps what the alert says from now on.
    see(alert, signal, evaluation, now)
    if signal.standing is Standing.WITHDRAWN:
        enter(alert, AlertEvent.Kind.WITHDRAWN, now=now, note=signal.sentence)
    elif is_news:
        enter(alert, AlertEvent.Kind.RECOVERED, now=now, note=signal.sentence)


def _resolve(alert: Alert, resolution: str, note: str, now: datetime) -> Turn:
    kind = AlertEvent.Kind.WITHDRAWN if resolution == "withdrawn" else AlertEvent.Kind.RESOLVED
    return take_turn(alert, kind, now=now, note=note, sentence=note, **resolved(resolution, now))
