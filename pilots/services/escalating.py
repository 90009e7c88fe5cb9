"""What comes due of an alert while nobody acts: the next step, a reminder, the end of a snooze."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.db import transaction

from pilots.evaluation.escalation import REPEATS_AFTER, Due, next_due
from pilots.evaluation.signals import WATCHED, Standing
from pilots.evaluation.vocabulary import Severity
from pilots.models import Alert, AlertEvent
from pilots.services.chaining import wait_of_step
from pilots.services.occasions import chart_for, occasion_of
from pilots.services.telling import tell
from pilots.services.turning import (
    Overtaken,
    Turn,
    change,
    clock_of,
    had_by,
    opened,
    step_due,
    take_turn,
    zone_of,
)

logger = logging.getLogger(__name__)
Kind = AlertEvent.Kind
TRIES_AGAIN_AFTER = timedelta(minutes=5)
SILENT = (Kind.STALLED,)


def advance_next(*, now: datetime) -> bool:
    """Move on the alert that has been due longest. Return False when none is due.

    One that can't be moved on waits a while, so that it never stops the others.
    """
    alert_id = None
    try:
        with transaction.atomic():
            alert = _claim_due(now)
            if alert is None:
                return False
            alert_id = alert.pk
            _advance(alert, now)
    except Overtaken as reason:
        logger.info("Moved on later: %s", reason)
    except Exception:
        if alert_id is None:
            raise
        logger.exception("Alert %s could not be moved on.", alert_id)
        Alert.objects.filter(pk=alert_id).update(due_at=now + TRIES_AGAIN_AFTER)
    return True


def _claim_due(now: datetime) -> Alert | None:
    """Return the alert due longest whose pilot nobody else holds; people's acts lock the pilot too."""
    due = Alert.objects.due(now).select_related("pilot__decision", "condition__metric", "owner", "snoozed_by")
    return due.select_for_update(skip_locked=True, of=("pilot",)).first()


def _advance(alert: Alert, now: datetime) -> None:
    found = next_due(clock_of(alert))
    if found is None or found[0] > now:
        change(alert)  # only its next instant was wrong
        return
    turn = ACTS[found[1]](alert, now)
    if turn is not None and turn.event.kind not in SILENT:
        occasion = occasion_of(alert, now)
        tell(turn, occasion, chart_svg=chart_for(alert, occasion))


def _tell_next_step(alert: Alert, now: datetime) -> Turn:
    step = alert.chain_step + 1
    wait = wait_of_step(alert, alert.chain_step)
    within = f"Nobody answered within {wait.words}." if wait else "Nobody answered."
    return take_turn(
        alert,
        Kind.ESCALATED,
        now=now,
        note=within,
        facts={"step": step},
        chain_step=step,
        step_due_at=step_due(alert, step, now),
    )


def _tell_again(alert: Alert, now: datetime) -> Turn:
    severity = Severity(alert.severity)
    return take_turn(
        alert,
        Kind.REPEATED,
        now=now,
        facts={"time": alert.repeats + 1},
        repeats=alert.repeats + 1,
        repeat_at=REPEATS_AFTER[severity].after(now, zone_of(alert)),
    )


def _stall(alert: Alert, now: datetime) -> Turn:
    note = "Nobody has acted on it; nobody is told again. It comes first in the next review."
    return take_turn(alert, Kind.STALLED, now=now, note=note, stalled_at=now, repeat_at=None)


def _ask_again(alert: Alert, now: datetime) -> Turn:
    note = f"{alert.owner} was asked whether they are still on it."
    return take_turn(alert, Kind.REMINDED, now=now, note=note, reminded_at=now)


def _open_unanswered(alert: Alert, now: datetime) -> Turn:
    note = f"{alert.owner} had it and has not answered."
    return take_turn(alert, Kind.EXPIRED, now=now, note=note, facts=had_by(alert), **opened(alert, now))


def _wake(alert: Alert, now: datetime) -> Turn:
    note = f"{alert.snoozed_by} put it off: {alert.snooze_reason}"
    return take_turn(alert, Kind.WOKEN, now=now, note=note, facts=had_by(alert), **opened(alert, now))


def _end_acceptance(alert: Alert, now: datetime) -> Turn | None:
    """Open again what was put up with until now, if it is still so; otherwise it stays closed."""
    if not _is_still_so(alert):
        change(alert, accepted_until=None)
        return None
    note = "It was put up with until now, and it is still so."
    return take_turn(alert, Kind.REOPENED, now=now, note=note, **opened(alert, now))


def _is_still_so(alert: Alert) -> bool:
    if alert.condition and alert.condition.retired_at:
        return False
    if alert.pilot.has_ended and alert.kind not in WATCHED:
        return False
    # Nobody but people can tell of what a person raised.
    return alert.kind == Alert.Kind.MANUAL or alert.result.get("standing") == Standing.RAISED


ACTS: Mapping[Due, Callable[[Alert, datetime], Turn | None]] = {
    Due.STEP: _tell_next_step,
    Due.REPEAT: _tell_again,
    Due.STALL: _stall,
    Due.REMINDER: _ask_again,
    Due.NO_ANSWER: _open_unanswered,
    Due.SNOOZE_OVER: _wake,
    Due.ACCEPTED_UNTIL: _end_acceptance,
}
