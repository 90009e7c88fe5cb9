"""When a message reaches a person: at once, after their quiet hours, in their weekly digest, or never."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pilots.evaluation.signals import SignalKind
from pilots.evaluation.vocabulary import Severity

DIGEST_TIME = time(8)
LOUD = (Severity.SEV1, Severity.SEV2)
AT_ONCE, NORMAL = 1, 3


def always_told(kind: str, severity: str) -> bool:
    """Say whether an alert reaches people whatever they chose: SEV1, SEV2 and stop conditions do."""
    return kind == SignalKind.STOP_CONDITION or severity in LOUD


def urgency_of(kind: str, severity: str) -> int:
    """Return the place of a message in the queue, from 1: stop conditions and SEV1 go first."""
    return AT_ONCE if kind == SignalKind.STOP_CONDITION else int(severity.removeprefix("SEV"))


def end_of_quiet(now: datetime, quiet_from: time, quiet_to: time, timezone: str) -> datetime:
    """Return when the quiet hours that hold at `now` are over, or `now` where none hold.

    They may span midnight. An end that a change of clocks skips comes as soon as that hour would have.
    """
    zone = ZoneInfo(timezone)
    here = now.astimezone(zone)
    spans_midnight = quiet_to <= quiet_from
    late = spans_midnight and here.time() >= quiet_from
    early = here.time() < quiet_to and (spans_midnight or here.time() >= quiet_from)
    if not (late or early):
        return now
    return _at(here.date() + timedelta(days=late), quiet_to, zone)


def next_digest(now: datetime, weekday: int, timezone: str) -> datetime:
    """Return the next instant of a weekly digest after `now`: 08:00 in the reader's zone, 0 is Monday."""
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    day = today + timedelta(days=(weekday - today.weekday()) % 7)
    at = _at(day, DIGEST_TIME, zone)
    return at if at > now else _at(day + timedelta(days=7), DIGEST_TIME, zone)


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(ZoneInfo("UTC"))
