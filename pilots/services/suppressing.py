"""How a message reaches a person: what they chose, unless it is too grave to be chosen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings

from pilots.evaluation.quiet_times import NORMAL, always_told, end_of_quiet, next_digest, urgency_of
from pilots.models import Alert, Notification, Preference, User


@dataclass(frozen=True, slots=True)
class Treatment:
    """When a message goes out; `refused` says why it never does."""

    next_try_at: datetime
    urgency: int = NORMAL
    digest: bool = False
    may_stop: bool = False
    refused: str = ""

    @property
    def state(self) -> str:
        return Notification.State.SUPPRESSED if self.refused else Notification.State.PENDING


def treatment_of(alert: Alert | None, user: User | None, *, now: datetime, digest: bool = False) -> Treatment:
    """Return how a message about an alert reaches its reader; `digest` asks for it to wait for theirs.

    SEV1, SEV2 and stop conditions reach everybody at once, whatever they chose.
    """
    if alert is None:
        return Treatment(now)
    if always_told(alert.kind, alert.severity):
        return Treatment(now, urgency_of(alert.kind, alert.severity))
    chosen = Preference.objects.filter(user=user).first() if user else None
    treatment = as_chosen(alert, chosen or Preference(timezone=settings.TIME_ZONE), now=now, digest=digest)
    return replace(treatment, may_stop=user is not None)


def as_chosen(alert: Alert, chosen: Preference, *, now: datetime, digest: bool = False) -> Treatment:
    """Return how a message that may be switched off reaches its reader."""
    urgency = urgency_of(alert.kind, alert.severity)
    if alert.kind in chosen.muted:
        kind = Alert.Kind(alert.kind).label
        return Treatment(now, urgency, refused=f"They switched off: {kind}.")
    if digest or alert.kind in chosen.digest:
        at = next_digest(now, chosen.digest_weekday, chosen.timezone)
        return Treatment(at, urgency, digest=True)
    if chosen.quiet_from is None or chosen.quiet_to is None:
        return Treatment(now, urgency)
    return Treatment(end_of_quiet(now, chosen.quiet_from, chosen.quiet_to, chosen.timezone), urgency)
