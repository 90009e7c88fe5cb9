"""Look just before sending whether a message is still wanted: the world went on since it was queued."""

from __future__ import annotations

from pilots.models import Alert, AlertEvent, Notification

State = Notification.State
TOLD = (State.SENT, State.IN_DOUBT, State.CLAIMED)
# What is told only because nobody has it.
CALLS = (AlertEvent.Kind.ESCALATED, AlertEvent.Kind.REPEATED)
TAKEN = (Alert.Status.ACKNOWLEDGED, Alert.Status.SNOOZED)


def unwanted(notification: Notification) -> str:
    """Say why a notification should not go out any more, or nothing where it should."""
    if notification.user and not notification.user.is_active:
        return "The person is no longer active."
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
