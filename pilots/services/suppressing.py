"""How a message reaches a person: what they chose, unless it is too grave to be chosen."""

from __future__ import annotations

from dataclasses import dataclass
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
    urgency = urgency_of(alert.kind, alert.severity)
    if always_told(alert.kind, alert.severity):
        return Treatment(now, urgency)
    chosen = Preference.objects.filter(user=user).first() if user else None
    return _as_chosen(alert, chosen or _nothing_chosen(), urgency, now, digest=digest, may_stop=bool(user))


def _nothing_chosen() -> Preference:
    return Preference(timezone=settings.TIME_ZONE)


def _as_chosen(
    alert: Alert, chosen: Preference, urgency: int, now: datetime, *, digest: bool, may_stop: bool
) -> Treatment:
    if alert.kind in chosen.muted:
        kind = Alert.Kind(alert.kind).label
        return Treatment(now, urgency, may_stop=may_stop, refused=f"They switched off: {kind}.")
    if digest or alert.kind in chosen.digest:
        at = next_digest(now, chosen.digest_weekday, chosen.timezone)
        return Treatment(at, urgency, digest=True, may_stop=may_stop)
    if chosen.quiet_from is None or chosen.quiet_to is None:
        return Treatment(now, urgency, may_stop=may_stop)
    woken = end_of_quiet(now, chosen.quiet_from, chosen.quiet_to, chosen.timezone)
    return Treatment(woken, urgency, may_stop=may_stop)
