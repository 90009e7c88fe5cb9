"""What the rows of a pilot may speak of, and how each of their fields is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import TypeVar
from zoneinfo import ZoneInfo

from pilots.evaluation.days import end_of_day, local_day
from pilots.evaluation.specs import PilotSpec
from pilots.evaluation.vocabulary import Arm, MetricKind
from pilots.importing.segments import Dimensions, canonical_segment, segments_of
from pilots.importing.spelling import unknown
from pilots.importing.timestamps import day_of, instant_of, zone_of

Read = TypeVar("Read")


class Refused(ValueError):
    """Raised for a field that cannot be taken as it is."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ReadingContext:
    """The metrics (with their kinds), dimensions, time zone and current day of the pilot that is read for."""

    metrics: Mapping[str, MetricKind]
    dimensions: Dimensions = field(default_factory=dict)
    timezone: str = "UTC"
    today: date = date.max  # a row of a later day is refused

    @classmethod
    def of(cls, pilot: PilotSpec, *, today: date = date.max) -> ReadingContext:
        kinds = {metric.ref: metric.kind for metric in pilot.metrics}
        return cls(kinds, pilot.dimensions, pilot.timezone, today)

    @property
    def zone(self) -> ZoneInfo:
        return zone_of(self.timezone)


class FieldReader:
    """Reads the fields that say what a row is about, remembering the texts that come again and again."""

    def __init__(self, known: ReadingContext) -> None:
        self.known = known
        self.times = lru_cache(maxsize=4096)(self._times)
        self.subject = lru_cache(maxsize=4096)(self._subject)
        self._zone = known.zone

    def _subject(self, arm: str, segment: str, metric: str) -> tuple[Arm, str, MetricKind]:
        """Return the arm (empty means pilot), the segment's canonical name and the metric's kind."""
        known = self.known
        if metric not in known.metrics:
            raise Refused("metric", unknown("metric", metric, known.metrics))
        if arm and arm not in set(Arm):
            raise Refused("arm", unknown("arm", arm, Arm))
        name = canonical_segment(segment, known.dimensions)
        if name is None:
            raise Refused("segment", unknown("segment", segment, segments_of(known.dimensions)))
        return Arm(arm or Arm.PILOT), name, known.metrics[metric]

    def _times(self, observed_on: str, as_of: str) -> tuple[date, datetime]:
        """Return the day and when it was known: empty means the day itself, a day means its end."""
        day = _understood("observed_on", lambda: day_of(observed_on))
        if day > self.known.today:
            raise Refused("observed_on", f"{day} lies in the future; today is {self.known.today}")
        known_at = _understood("as_of", lambda: self._known_at(as_of or observed_on))
        known_on = _understood("as_of", lambda: local_day(known_at, self.known.timezone))
        if known_on < day:
            raise Refused("as_of", f"{known_on} is before the day it speaks of, {day}")
        if known_on > self.known.today:
            raise Refused("as_of", f"{known_on} lies in the future; today is {self.known.today}")
        return day, known_at

    def _known_at(self, text: str) -> datetime:
        if len(text) > len("2026-01-31"):
            return instant_of(text, self._zone)
        return end_of_day(day_of(text), self.known.timezone)


def _understood(field: str, read: Callable[[], Read]) -> Read:
    try:
        return read()
    except OverflowError:
        raise Refused(field, "lies outside the calendar") from None
    except ValueError as error:
        raise Refused(field, str(error)) from None
