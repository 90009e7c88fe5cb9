"""The outbox: rows queued in the transaction of what they tell of."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from urllib.parse import urlsplit

from django.conf import settings

from pilots.models import Alert, AlertEvent, Notification
from pilots.services.addressing import Recipient
from pilots.services.letters import Letter
from pilots.services.rechecking import TOLD
from pilots.services.suppressing import treatment_of

__all__ = ["TOLD", "message_id", "queue_notification"]


def queue_notification(
    *,
    recipient: Recipient,
    letter: Letter,
    key: str,
    now: datetime,
    alert: Alert | None = None,
    event: AlertEvent | None = None,
    chart_svg: str = "",
    digest: bool = False,
) -> Notification:
    """Put one message into the outbox, in the transaction of what it tells of.

    `key` names the occasion: the same key and recipient are queued once, however often it is asked.
    `digest` lets it wait for its reader's weekly digest, unless it is too grave for that.
    """
    treatment = treatment_of(alert, recipient.user, now=now, digest=digest)
    row, _ = Notification.objects.get_or_create(
        message_id=message_id(key, recipient.address),
        defaults={
            "recipient": recipient.address,
            "channel": recipient.channel,
            "user": recipient.user,
            "alert": alert,
            "event": event,
            "because": recipient.because[:40],
            "subject": letter.subject,
            "text": letter.text,
            "html": letter.html,
            "facts": letter.facts,
            "chart_svg": chart_svg,
            "in_reply_to": _first_about(alert, recipient),
            "digest": treatment.digest,
            "may_stop": treatment.may_stop,
            "urgency": treatment.urgency,
            "state": treatment.state,
            "state_reason": treatment.refused,
            "created_at": now,
            "next_try_at": treatment.next_try_at,
        },
    )
    return row


def _first_about(alert: Alert | None, recipient: Recipient) -> str:
    """Return the Message-ID of the first mail this recipient has about an alert, or nothing."""
    if alert is None:
        return ""
    earlier = alert.notifications.filter(recipient=recipient.address).order_by("pk")
    return earlier.values_list("message_id", flat=True).first() or ""


def message_id(key: str, address: str) -> str:
    """Return a Message-ID that is the same whenever the same thing is told to the same address."""
    digest = sha256("\n".join((settings.BASE_URL, key, address)).encode()).hexdigest()
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    return f"<{digest[:40]}@{host}>"
