"""Close the alerts that a pilot's move answers: its end answers all, a pause those that asked for it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pilots.models import Alert, AlertEvent, Pilot, User
from pilots.services.errors import Reason, Refused
from pilots.services.occasions import occasion_of_pilot
from pilots.services.telling import tell
from pilots.services.turning import change, resolved, take_turn


def close_alerts(pilot: Pilot, *, by: User, reason: str, now: datetime) -> None:
    """Resolve what is still open, and tell who was told of it; what is put up with stays closed.

    Call it under the pilot's lock, after its status has changed.
    """
    for alert in pilot.alerts.accepted():
        alert.pilot = pilot
        change(alert, accepted_until=None)
    _close(pilot, pilot.alerts.unresolved(), by=by, reason=reason, now=now)


def close_stops(pilot: Pilot, *, by: User, reason: str, now: datetime) -> None:
    """Resolve the stop conditions that a person's pause answers, as `close_alerts` does."""
    _close(
        pilot, pilot.alerts.unresolved().filter(kind=Alert.Kind.STOP_CONDITION), by=by, reason=reason, now=now
    )


def refuse_open_stops(pilot: Pilot) -> None:
    """Refuse while a stop condition waits for its decision: the engine tells and pauses but once for it."""
    stops = pilot.alerts.unresolved().filter(kind=Alert.Kind.STOP_CONDITION).order_by("pk")
    reasons = [
        Reason(f"Decide on {alert.ref} first: go on, keep it paused, or stop the pilot.", "alerts")
        for alert in stops
    ]
    if reasons:
        raise Refused(*reasons)


def _close(pilot: Pilot, alerts: Iterable[Alert], *, by: User, reason: str, now: datetime) -> None:
    turns = []
    for alert in alerts:
        alert.pilot = pilot
        ended = resolved(pilot.status, now)
        turns.append(take_turn(alert, AlertEvent.Kind.RESOLVED, now=now, by=by, note=reason, **ended))
    if turns:
        occasion = occasion_of_pilot(pilot.pk, now)
        for turn in turns:
            tell(turn, occasion)
