"""Close the alerts of a pilot that ends: its end is the decision they waited for."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F

from pilots.models import Alert, AlertEvent, Pilot, User


def close_alerts(pilot: Pilot, *, by: User, reason: str, now: datetime) -> None:
    """Resolve what is still open. Call it under the pilot's lock, after its status has changed."""
    for alert in pilot.alerts.unresolved():
        as_seen = Alert.objects.filter(pk=alert.pk, token=alert.token)
        as_seen.update(
            status=Alert.Status.RESOLVED,
            resolution=pilot.status,
            resolved_at=now,
            token=F("token") + 1,
        )
        AlertEvent.objects.create(
            alert=alert,
            at=now,
            kind=AlertEvent.Kind.RESOLVED,
            actor=by,
            from_status=alert.status,
            to_status=Alert.Status.RESOLVED,
            note=reason,
        )
