"""Turn what happened to an alert into mails, one per person."""

from __future__ import annotations

from collections.abc import Iterable

from pilots.evaluation.results import ConditionResult
from pilots.models import Alert, AlertEvent, Condition, Notification, Pilot
from pilots.services.addressing import Audience, Recipient, audience_of
from pilots.services.alerting import Turn
from pilots.services.letters import Occasion, alert_letter, early_warning_letter
from pilots.services.notifying import TOLD, queue_notification

WAITING = (Notification.State.PENDING,)


def tell(turn: Turn, occasion: Occasion, *, chart_svg: str = "") -> None:
    """Queue one mail per recipient of a turn: whoever is meant, or at the end whoever was told."""
    alert, event = turn.alert, turn.event
    over = event.to_status == Alert.Status.RESOLVED
    audience = _told_before(alert) if over else audience_of(alert)
    if audience.note:
        AlertEvent.objects.create(alert=alert, at=occasion.now, kind=AlertEvent.Kind.NOTE, note=audience.note)
    for recipient in _not_nagged(audience, turn):
        queue_notification(
            recipient=recipient,
            letter=alert_letter(alert, event, recipient, occasion, has_chart=bool(chart_svg)),
            key=f"event {event.pk} {event.at.isoformat()}",
            alert=alert,
            event=event,
            chart_svg=chart_svg,
            now=occasion.now,
        )


def _not_nagged(audience: Audience, turn: Turn) -> Iterable[Recipient]:
    """Leave out who knows already that data is missing: its growing late is for the next person."""
    if turn.alert.kind != Alert.Kind.NO_DATA or turn.event.kind != AlertEvent.Kind.WORSENED:
        return audience.recipients
    told = set(turn.alert.notifications.values_list("recipient", flat=True))
    return [recipient for recipient in audience.recipients if recipient.address not in told]


def _told_before(alert: Alert) -> Audience:
    """Return who was told that the alert is open; what still waits to tell them is cancelled."""
    waiting = alert.notifications.filter(state__in=WAITING)
    waiting.update(state=Notification.State.CANCELLED, state_reason="Resolved before it was sent.")
    told = alert.notifications.filter(state__in=TOLD).select_related("user").order_by("-pk")
    by_address = {n.recipient: Recipient(n.recipient, n.because, n.user) for n in told}
    return Audience(tuple(by_address[address] for address in sorted(by_address)))


def warn_early(
    found: ConditionResult, condition: Condition, pilot: Pilot, occasion: Occasion, *, chart_svg: str = ""
) -> None:
    """Queue the one mail about a stop condition that is past its limit below its floor."""
    # It is no alert; it goes to whom the alert would go to.
    would_be = Alert(
        pilot=pilot,
        kind=Alert.Kind.STOP_CONDITION,
        condition=condition,
        scope=found.scope,
        severity=found.severity.value,
    )
    for recipient in audience_of(would_be).recipients:
        queue_notification(
            recipient=recipient,
            letter=early_warning_letter(found, recipient, occasion, has_chart=bool(chart_svg)),
            key=f"early warning {condition.pk} {condition.rule_version} {found.scope}",
            chart_svg=chart_svg,
            now=occasion.now,
        )
