"""When a pilot is looked at next."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from pilots.evaluation.days import INSTANT, local_day, start_of_day
from pilots.evaluation.specs import PilotSpec


def next_look_at(pilot: PilotSpec, *, after: datetime, deadlines: Iterable[datetime] = ()) -> datetime:
    """Return the first instant after `after` at which a look may differ without a new reading.

    That is the turn of a local day of the pilot's cadence, counted from its start, or the first
    instant after one of the deadlines (a reading overdue, the planned end).
    """
    ahead = [deadline + INSTANT for deadline in deadlines if deadline + INSTANT > after]
    return min([_next_turn(pilot, after), *ahead])


def _next_turn(pilot: PilotSpec, after: datetime) -> datetime:
    elapsed = (local_day(after, pilot.timezone) - pilot.start).days
    turns = max(0, elapsed // pilot.cadence_days + 1)
    return start_of_day(pilot.start + timedelta(days=turns * pilot.cadence_days), pilot.timezone)
