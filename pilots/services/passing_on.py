"""Tell the next at once where nobody of those who were to be told can be reached."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F

from pilots.models import Alert, AlertEvent, Notification

State = Notification.State
GONE = (State.DEAD, State.CANCELLED, State.SUPPRESSED)


def pass_on(rows: Iterable[Notification], *, reason: str, now: datetime) -> None:
    """Note on each alert who could not be told of it, and let its next step begin now.

    Where somebody else was told of the same turn, or still may be, the next step keeps its time.
    """
    for row in rows:
        if row.alert_id is None or row.event_id is None:
            continue
        why = f"{row.user or row.recipient} could not be told: {reason.rstrip('.')}."
        is_pulled = _reached_nobody(row) and _begin_next_step(row.alert_id, now)
        note = f"{why} The next is told now." if is_pulled else why
        AlertEvent.objects.create(alert_id=row.alert_id, at=now, kind=AlertEvent.Kind.NOTE, note=note)


def _reached_nobody(row: Notification) -> bool:
    """Say whether nobody else was told of the same turn, or still may be."""
    others = Notification.objects.filter(event_id=row.event_id).exclude(pk=row.pk)
    return not others.exclude(state__in=GONE).exists()


def _begin_next_step(alert_id: int, now: datetime) -> bool:
    """Let the next step begin now; who changes the alert at the same time reads it anew."""
    waiting = Alert.objects.filter(pk=alert_id, status=Alert.Status.OPEN, step_due_at__gt=now)
    return bool(waiting.update(step_due_at=now, due_at=now, token=F("token") + 1))
