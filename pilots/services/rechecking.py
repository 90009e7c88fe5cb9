"""Look just before sending whether a message is still wanted: the world went on since it was queued."""

from __future__ import annotations

from pilots.models import Alert, AlertEvent, Notification

State = Notification.State
INACTIVE = "The person is no longer active."
TOLD = (State.SENT, State.IN_DOUBT, State.CLAIMED)
# What is told only because nobody has it.
CALLS = (AlertEvent.Kind.ESCALATED, AlertEvent.Kind.REPEATED)
TAKEN = (Alert.Status.ACKNOWLEDGED, Alert.Status.SNOOZED)


def unwanted(notification: Notification) -> str:
    """Say why a notification should not go out any more, or nothing where it should."""
    is_gone = notification.user is not None and not notification.user.is_active
    # What is over needs nobody in the place of one who left.
    return _overtaken(notification) or (INACTIVE if is_gone else "")


def _overtaken(notification: Notification) -> str:
    """Say what happened to the alert since, where it leaves nothing to tell of."""
    alert, event = notification.alert, notification.event
    if alert is None or event is None:
        return ""
    resolved = alert.status == Alert.Status.RESOLVED
    if event.kind in CALLS and alert.status in TAKEN:
        return "Somebody took it before it was sent."
    if event.to_status != Alert.Status.RESOLVED:
        return "Resolved before it was sent." if resolved else ""
    if not resolved:
        return "Opened again before it was sent."
    earlier = alert.notifications.filter(recipient=notification.recipient, event__lt=event.pk)
    told = earlier.filter(state__in=TOLD).exists()
    return "" if told else "Nobody had told them that it was open."
