"""Working days of a time zone: Monday to Friday, as long as the clocks make them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from pilots.evaluation.days import ONE_DAY, local_day, start_of_day

SATURDAY = 5


def is_working_day(day: date) -> bool:
    return day.weekday() < SATURDAY


def after_working_time(start: datetime, wait: timedelta, timezone: str) -> datetime:
    """Return the instant at which `wait` of working time has passed since `start`, in UTC.

    Whole days keep the time of day, also over a change of clocks: a working day after Friday 15:00
    is Monday 15:00. What is left counts the hours of working days. Weekends do not count at all.
    """
    days, rest = divmod(wait, ONE_DAY)
    at = _days_later(_in_working_time(start, timezone), days, timezone)
    while at + rest >= (over := _end_of_working_time(at, timezone)):
        rest -= over - at
        at = _in_working_time(over, timezone)
    return at + rest


def _in_working_time(at: datetime, timezone: str) -> datetime:
    """Return `at`, or where it lies in a weekend the beginning of Monday."""
    day = local_day(at, timezone)
    return at.astimezone(UTC) if is_working_day(day) else start_of_day(_monday_after(day), timezone)


def _end_of_working_time(at: datetime, timezone: str) -> datetime:
    """Return the beginning of the weekend that follows a working instant."""
    day = local_day(at, timezone)
    return start_of_day(day + timedelta(days=SATURDAY - day.weekday()), timezone)


def _monday_after(day: date) -> date:
    return day + timedelta(days=7 - day.weekday())


def _days_later(at: datetime, days: int, timezone: str) -> datetime:
    if days == 0:
        return at
    local, day = at.astimezone(ZoneInfo(timezone)), local_day(at, timezone)
    weeks, odd = divmod(days, SATURDAY)
    later = day + timedelta(weeks=weeks)
    over_weekend = later.weekday() + odd >= SATURDAY
    later += timedelta(days=odd + (2 if over_weekend else 0))
    return datetime.combine(later, local.timetz()).astimezone(UTC)
