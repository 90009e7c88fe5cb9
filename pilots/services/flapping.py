"""What opens and closes too often is held open, told of once, and then told of in a summary."""

from __future__ import annotations

from datetime import datetime

from pilots.evaluation.escalation import FLAPS_WITHIN, flaps, held_open_until
from pilots.models import Alert, AlertEvent

RECOVER_PERIODS = 3  # of what has no rule that says how long a recovery lasts
TURNS = (
    AlertEvent.Kind.OPENED,
    AlertEvent.Kind.REOPENED,
    AlertEvent.Kind.RESOLVED,
    AlertEvent.Kind.WITHDRAWN,
)


def now_flaps(alert: Alert, now: datetime) -> datetime | None:
    """Return since when an alert that has just opened comes and goes, or None where it doesn't."""
    if alert.previous_id is None and alert.opened_at == now:
        return None
    turns = AlertEvent.objects.filter(
        alert__pilot=alert.pilot_id,
        alert__kind=alert.kind,
        alert__condition=alert.condition_id,
        alert__scope=alert.scope,
        at__gte=now - FLAPS_WITHIN,
        kind__in=TURNS,
        actor__isnull=True,
        to_status__in=(Alert.Status.OPEN, Alert.Status.RESOLVED),
    )
    # This opening is what the turns before it make a coming and going.
    return (alert.flapping_since or now) if flaps(turns.count() - 1) else None


def is_held_open(alert: Alert, now: datetime, *, calm: bool) -> bool:
    """Say whether an alert that comes and goes has not been calm for long enough to close."""
    if alert.flapping_since is None:
        return False
    if not calm:
        return True
    entry = alert.events.filter(kind=AlertEvent.Kind.RECOVERED).order_by("-pk").first()
    return entry is None or now < held_open_until(
        entry.at, recover_periods=_recover_periods(alert), cadence_days=_cadence_days(alert)
    )


def _recover_periods(alert: Alert) -> int:
    return int(alert.rule_snapshot.get("recover_periods", RECOVER_PERIODS))


def _cadence_days(alert: Alert) -> int:
    metric = alert.condition.metric if alert.condition else None
    return metric.cadence_days if metric else alert.pilot.cadence_days
