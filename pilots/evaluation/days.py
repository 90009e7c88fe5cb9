"""Days of a time zone and the instants at which they turn."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

INSTANT = timedelta(microseconds=1)
ONE_DAY = timedelta(days=1)


def local_day(instant: datetime, timezone: str) -> date:
    return instant.astimezone(ZoneInfo(timezone)).date()


def start_of_day(day: date, timezone: str) -> datetime:
    """Return the first instant of a local day, in UTC, also where its midnight is skipped or repeated."""
    return datetime.combine(day, time.min, ZoneInfo(timezone)).astimezone(UTC)


def end_of_day(day: date, timezone: str) -> datetime:
    """Return the last instant of a local day, in UTC: what a date given as an instant means."""
    return start_of_day(day + ONE_DAY, timezone) - INSTANT


def last_ended_day(now: datetime, timezone: str) -> date:
    """Return the newest local day that is over at `now`, its last instant included."""
    return local_day(now + INSTANT, timezone) - ONE_DAY


def days_between(first: date, last: date) -> list[date]:
    """Return every day from one to another, both included."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def day_number(day: date, first_day: date) -> int:
    """Count days from 1."""
    return (day - first_day).days + 1
