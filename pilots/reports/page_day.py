"""The day a page stood on, for the words on it: on a past page nothing is "today"."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date

_past_day: ContextVar[date | None] = ContextVar("past_day", default=None)


@contextmanager
def standing_on(day: date | None) -> Iterator[None]:
    """Let what is rendered inside speak from a past day; None is the present."""
    token = _past_day.set(day)
    try:
        yield
    finally:
        _past_day.reset(token)


def past_day() -> date | None:
    """Return the past day the page speaks from, or None where it speaks of now."""
    return _past_day.get()
