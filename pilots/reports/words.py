"""How days, instants and shares are said on pages."""

from __future__ import annotations

from datetime import date, datetime

from pilots.evaluation.wording import MINUS, on, percent
from pilots.evaluation.wording import counted as counted
from pilots.evaluation.wording import listed as listed


def day_words(day: date, *, today: date) -> str:
    """Say a day as "Tue 29 Sep", with the year where it isn't this one."""
    return on(day) if day.year == today.year else f"{on(day)} {day.year}"


def span_words(first: date, last: date) -> str:
    """Say a window, both days included: "15 Jun – 26 Jul"."""
    return f"{first.day} {first:%b} – {last.day} {last:%b}"


def near_words(day: date, *, today: date) -> str:
    """Say how far a day is from today: Today, Tomorrow, In 3 days, 5 days ago."""
    distance = (day - today).days
    match distance:
        case 0:
            return "Today"
        case 1:
            return "Tomorrow"
        case -1:
            return "Yesterday"
    return f"In {distance} days" if distance > 0 else f"{-distance} days ago"


def due_words(day: date, *, today: date) -> str:
    """Say when something is due; what is past is late."""
    late = (today - day).days
    if late <= 0:
        return near_words(day, today=today)
    return "1 day late" if late == 1 else f"{late} days late"


def due_then(day: date, *, then: date) -> str:
    """Say when something was due as seen on a past day, on which nothing is today."""
    distance = (day - then).days
    if distance == 0:
        return "That day"
    return f"{numbered(distance, 'day')} later" if distance > 0 else due_words(day, today=then)


def instant_words(at: datetime, *, now: datetime) -> str:
    """Say an instant as "today 09:15", "tomorrow 06:00" or "Mon 21 Sep 09:15"; both are in one zone."""
    day, today = at.date(), now.date()
    if abs((day - today).days) <= 1:
        return f"{near_words(day, today=today).lower()} {at:%H:%M}"
    return f"{day_words(day, today=today)} {at:%H:%M}"


def numbered(number: int, singular: str, plural: str = "") -> str:
    """Say a number of things: "1 day", "1,436 cases", "2 pilots are"."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def signed_percent(change: float) -> str:
    """Say a change with its sign, a true minus: −.14 is "−14%"."""
    size = percent(change)
    if size == "0%":
        return size
    return f"{'+' if change > 0 else MINUS}{size}"
