"""One turn of an alert: a conditional UPDATE, its entry in the timeline, and what comes due next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import F

from pilots.evaluation.days import ONE_DAY, start_of_day
from pilots.evaluation.escalation import REPEATS_AFTER, Clock, next_due
from pilots.evaluation.vocabulary import Severity
from pilots.models import Alert, AlertEvent, User
from pilots.services.chaining import wait_of_step
from pilots.services.errors import Reason, Refused

Fields = Mapping[str, Any]
NOBODYS: Fields = {
    "owner": None,
    "acknowledged_at": None,
    "acknowledged_until": None,
    "reminded_at": None,
    "snoozed_until": None,
    "snoozed_by": None,
    "snooze_reason": "",
}
QUIET: Fields = {"step_due_at": None, "repeat_at": None, "reminded_at": None, "snoozed_until": None}
CONTINUED = "continued"  # the resolution by which a pilot goes on past a stop condition
ENDED: Fields = {**QUIET, "acknowledged_until": None}


class Overtaken(Refused):
    """Raised when somebody changed an alert since it was read: the whole act is done again."""

    def __init__(self, alert: Alert) -> None:
        super().__init__(Reason(f"{alert.ref} has changed in the meantime. Look at it again.", "alerts"))


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn of an alert that people are told of."""

    alert: Alert
    event: AlertEvent


def take_turn(
    alert: Alert,
    kind: AlertEvent.Kind,
    *,
    now: datetime,
    by: User | None = None,
    note: str = "",
    facts: Mapping[str, object] | None = None,
    **fields: Any,
) -> Turn:
    """Change an alert as it was read, and say so in its timeline. Raises Overtaken.

    What comes due next is worked out anew from what the alert is afterwards.
    """
    before = alert.status
    change(alert, **fields)
    moved = "status" in fields
    event = enter(
        alert,
        kind,
        now=now,
        by=by,
        note=note,
        facts=facts,
        before=before if moved else "",
        after=alert.status if moved else "",
    )
    return Turn(alert, event)


def enter(
    alert: Alert,
    kind: AlertEvent.Kind,
    *,
    now: datetime,
    by: User | None = None,
    note: str = "",
    facts: Mapping[str, object] | None = None,
    before: str = "",
    after: str = "",
) -> AlertEvent:
    """Add an entry to the timeline of an alert, which stays as it is."""
    return AlertEvent.objects.create(
        alert=alert,
        at=now,
        kind=kind,
        actor=by,
        from_status=before,
        to_status=after,
        note=note,
        facts=dict(facts or {}),
        stood=_standing(alert),
    )


def _standing(alert: Alert) -> dict[str, Any]:
    """Return what a page shows of an alert; its row goes on to change, the entry keeps it."""
    return {
        "status": str(alert.status),
        "severity": str(alert.severity),
        "owner": alert.owner_id,
        "sentence": alert.sentence,
        "snoozed_until": alert.snoozed_until and alert.snoozed_until.isoformat(),
    }


def change(alert: Alert, **fields: Any) -> None:
    """Write an alert's fields if nobody turned it since it was read. Raises Overtaken."""
    seen = Alert.objects.filter(pk=alert.pk, status=alert.status, token=alert.token)
    for name, value in fields.items():
        setattr(alert, name, value)
    alert.due_at = due_of(alert)
    if not seen.update(token=F("token") + 1, due_at=alert.due_at, **fields):
        raise Overtaken(alert)
    alert.token += 1


def had_by(alert: Alert) -> dict[str, object]:
    """Return who had an alert, or had put it off, as a turn that takes it away from them keeps it."""
    person = alert.snoozed_by_id if alert.status == Alert.Status.SNOOZED else alert.owner_id
    return {} if person is None else {"had_by": person}


def opened(alert: Alert, now: datetime) -> dict[str, Any]:
    """Return what an alert is from `now` on while it waits for somebody, its chain at step 1."""
    severity, zone = Severity(alert.severity), zone_of(alert)
    return {
        **NOBODYS,
        "status": Alert.Status.OPEN,
        "chain_step": 1,
        "step_due_at": step_due(alert, 1, now),
        "repeat_at": REPEATS_AFTER[severity].after(now, zone),
        "repeats": 0,
        "waiting_since": now,
        "stalled_at": None,
        "resolved_at": None,
        "resolution": "",
        "accepted_by": None,
        "accepted_until": None,
    }


def resolved(resolution: str, now: datetime) -> dict[str, Any]:
    """Return what an alert is once it is over: nothing of it comes due any more."""
    return {**ENDED, "status": Alert.Status.RESOLVED, "resolution": resolution, "resolved_at": now}


def step_due(alert: Alert, told: int, now: datetime) -> datetime | None:
    """Return when the step after the first `told` is due, or None where there is none."""
    wait = wait_of_step(alert, told) if told < len(alert.chain) else None
    return wait.after(now, zone_of(alert)) if wait else None


def zone_of(alert: Alert) -> str:
    """Return the zone that an alert's days are counted in; where its pilot's is none, UTC."""
    # Such a pilot can't be judged, and the alert that says so must open all the same.
    try:
        return ZoneInfo(alert.pilot.timezone).key
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC"


def due_of(alert: Alert) -> datetime | None:
    found = next_due(clock_of(alert))
    return found[0] if found else None


def clock_of(alert: Alert) -> Clock:
    zone, until = zone_of(alert), alert.accepted_until
    return Clock(
        severity=Severity(alert.severity),
        timezone=zone,
        status=alert.status,
        waiting_since=alert.waiting_since or alert.opened_at,
        step_due_at=alert.step_due_at,
        acknowledged_until=alert.acknowledged_until,
        reminded_at=alert.reminded_at,
        snoozed_until=alert.snoozed_until,
        accepted_until=start_of_day(until + ONE_DAY, zone) if until else None,
        repeat_at=alert.repeat_at,
        repeats=alert.repeats,
        stalled_at=alert.stalled_at,
    )
