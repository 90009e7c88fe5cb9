"""Send again, because a person asks for it, what could not be sent."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from pilots.models import AlertEvent, Notification, User
from pilots.permissions import can_resend, require
from pilots.services.errors import Reason, Refused

State = Notification.State


@transaction.atomic
def resend(*, notification_id: int, by: User, now: datetime) -> Notification:
    """Let a message that could not be sent be tried anew, under the same Message-ID.

    Its tries are counted from the beginning; the alert's timeline says who asked for it.
    """
    row = (
        Notification.objects.select_for_update(of=("self",))
        .select_related("alert__pilot", "user")
        .get(pk=notification_id)
    )
    require(can_resend, by, row)
    if row.state != State.DEAD:
        raise Refused(Reason(f"This message is not lost: {row.get_state_display().lower()}.", "outbox"))
    row.state, row.state_reason = State.PENDING, f"{by} sends it again. Before: {row.state_reason}"
    row.attempts = row.doubts = 0
    row.next_try_at = now
    row.save(update_fields=["state", "state_reason", "attempts", "doubts", "next_try_at"])
    if row.alert is not None:
        note = f"{by} sends the message to {row.user or row.recipient} again."
        AlertEvent.objects.create(alert=row.alert, at=now, kind=AlertEvent.Kind.NOTE, actor=by, note=note)
    return row
