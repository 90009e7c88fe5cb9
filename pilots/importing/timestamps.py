"""Days and instants as outside files write them, read in the pilot's time zone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from pilots.importing.spelling import quoted

DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
FIRST_YEAR, LAST_YEAR = 1900, 2199  # around them every window and grace can still be counted
INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d([.]\d{1,6})?)?([Zz]|[+-]\d\d:\d\d)?", re.ASCII)


def zone_of(name: str) -> ZoneInfo:
    """Return the time zone of that name, or raise ValueError."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise ValueError(f"unknown time zone {quoted(name)}; write one like Europe/Paris or UTC") from None


def day_of(text: str) -> date:
    """Read a day written 2026-01-31, or raise ValueError."""
    if not DAY.fullmatch(text):
        raise ValueError(f"{quoted(text)} is not a day; write it like 2026-01-31")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{quoted(text)} is not a day of the calendar") from None


def planned_day(text: str) -> date:
    """Read a day that people plan with, or raise ValueError."""
    day = day_of(text)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"{text} is not between the years {FIRST_YEAR} and {LAST_YEAR}")
    return day


def instant_of(text: str, zone: ZoneInfo) -> datetime:
    """Read a date and time as UTC, or raise ValueError. Without an offset it is local to `zone`."""
    if not INSTANT.fullmatch(text):
        raise ValueError(f"{quoted(text)} is not a date and time; write it like 2026-01-31T09:30:00Z")
    try:
        instant = datetime.fromisoformat(text.upper())
        return (instant if instant.tzinfo else instant.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{quoted(text)} is not a date and time that exists") from None
