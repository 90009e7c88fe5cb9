"""The outbox: rows queued in the transaction of the change, sent under a lease, marked after sending."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit
from zlib import crc32

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from pilots.models import Alert, AlertEvent, Notification, Receipt, Send
from pilots.services.addressing import Recipient
from pilots.services.leasing import owner_name
from pilots.services.letters import Letter

State = Notification.State
LEASE = timedelta(seconds=60)
DOUBT_WAIT = timedelta(minutes=2)
MOST_DOUBTS = 2
GIVE_UP_AFTER = timedelta(hours=24)
FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(minutes=30)
TOLD = (State.SENT, State.IN_DOUBT, State.CLAIMED)


def queue_notification(
    *,
    recipient: Recipient,
    letter: Letter,
    key: str,
    now: datetime,
    alert: Alert | None = None,
    event: AlertEvent | None = None,
    chart_svg: str = "",
) -> Notification:
    """Put one mail into the outbox, in the transaction of what it tells of.

    `key` names the occasion: the same key and recipient are queued once, however often it is asked.
    """
    first = alert.notifications.filter(recipient=recipient.address).order_by("pk").first() if alert else None
    row, _ = Notification.objects.get_or_create(
        message_id=message_id(key, recipient.address),
        defaults={
            "recipient": recipient.address,
            "user": recipient.user,
            "alert": alert,
            "event": event,
            "because": recipient.because[:40],
            "subject": letter.subject,
            "text": letter.text,
            "html": letter.html,
            "chart_svg": chart_svg,
            "in_reply_to": first.message_id if first else "",
            "created_at": now,
            "next_try_at": now,
        },
    )
    return row


def message_id(key: str, address: str) -> str:
    """Return a Message-ID that is the same whenever the same thing is told to the same address."""
    digest = sha256("\n".join((settings.BASE_URL, key, address)).encode()).hexdigest()
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    return f"<{digest[:40]}@{host}>"


def deliver_next(*, send: Send, now: datetime) -> bool:
    """Send one due notification. Return False when none is due.

    The claim is a lease, not a mark: a worker that dies while sending leaves a row in doubt, so a
    notification may go out twice, with the same Message-ID, but is never lost.
    """
    claimed = _claim_next(now)
    if claimed is None:
        return False
    if claimed.state == State.CLAIMED:
        _settle(claimed, Receipt(State.IN_DOUBT, "The sender stopped before it could say."), now)
    elif reason := unwanted(claimed):
        _settle(claimed, Receipt(State.CANCELLED, reason), now)
    else:
        _settle(claimed, send(claimed), now)
    return True


def _claim_next(now: datetime) -> Notification | None:
    """Claim the row that waits longest; it is returned with the state it had before."""
    with transaction.atomic():
        row = Notification.objects.due(now).select_for_update(skip_locked=True).first()
        if row is None:
            return None
        free = Notification.objects.filter(pk=row.pk, fence=row.fence, state=row.state)
        claimed = free.update(
            state=State.CLAIMED,
            fence=F("fence") + 1,
            lease_owner=owner_name(),
            lease_until=Now() + LEASE,
        )
    row.fence += 1
    return row if claimed else None


def unwanted(notification: Notification) -> str:
    """Say why a notification should not go out any more, or nothing where it should."""
    if notification.user and not notification.user.is_active:
        return "The person is no longer active."
    alert, event = notification.alert, notification.event
    if alert is None or event is None:
        return ""
    resolved = alert.status == Alert.Status.RESOLVED
    if event.to_status != Alert.Status.RESOLVED:
        return "Resolved before it was sent." if resolved else ""
    if not resolved:
        return "Opened again before it was sent."
    earlier = alert.notifications.filter(recipient=notification.recipient, event__lt=event.pk)
    told = earlier.filter(state__in=TOLD).exists()
    return "" if told else "Nobody had told them that it was open."


def _settle(row: Notification, receipt: Receipt, now: datetime) -> None:
    """Write what came of a claim, unless the claim was lost meanwhile."""
    state, answer, next_try_at = receipt.state, receipt.answer, row.next_try_at
    attempts, doubts = row.attempts + 1, row.doubts + (receipt.state == State.IN_DOUBT)
    if state == State.IN_DOUBT:
        next_try_at = now + DOUBT_WAIT
        if doubts > MOST_DOUBTS:
            state, answer = State.DEAD, f"{answer} Tried {doubts} times; nobody can say whether it arrived."
    elif state == State.PENDING:
        next_try_at = now + retry_after(attempts, key=row.message_id)
        if time_tried(attempts, key=row.message_id) > GIVE_UP_AFTER:
            state, answer = State.DEAD, f"{answer} Given up after a day."
    held = Notification.objects.filter(pk=row.pk, fence=row.fence, state=State.CLAIMED)
    held.update(
        state=state,
        state_reason=answer if state in (State.DEAD, State.CANCELLED, State.IN_DOUBT) else "",
        answer=answer,
        attempts=attempts,
        doubts=doubts,
        next_try_at=next_try_at,
        lease_until=None,
        sent_at=now if state == State.SENT else None,
    )


def time_tried(attempts: int, *, key: str) -> timedelta:
    """Return how long the tries so far and the next one spread over, time without an engine left out."""
    return sum((retry_after(attempt, key=key) for attempt in range(1, attempts + 1)), timedelta())


def retry_after(attempts: int, *, key: str) -> timedelta:
    """Return how long to wait: 30 s, doubled each time, up to 30 min.

    It varies by ± 20% with the key, so that rows that failed together don't come back together.
    """
    wait: timedelta = min(FIRST_RETRY * 2 ** min(attempts - 1, 10), LONGEST_RETRY)
    spread = crc32(f"{key} {attempts}".encode()) / 0xFFFFFFFF * 0.4 - 0.2
    return min(wait * (1 + spread), LONGEST_RETRY)
