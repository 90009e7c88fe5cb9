"""One row of an event log, read as a case."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pilots.evaluation.days import end_of_day, local_day, start_of_day
from pilots.evaluation.vocabulary import Arm
from pilots.importing.event_maps import (
    ArmByColumn,
    CategoryRule,
    EventMap,
    Measure,
    MeasureKind,
    Range,
)
from pilots.importing.fields import flag, number
from pilots.importing.reading_context import ReadingContext, Refused
from pilots.importing.reading_rows import added_up
from pilots.importing.segments import segment_name
from pilots.importing.spelling import quoted
from pilots.importing.timestamps import day_of, instant_of

SECONDS_AN_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Measured:
    """What a case adds to a metric, and the end of the day on which that was known."""

    metric: str
    value: float
    as_of: datetime


@dataclass(frozen=True, slots=True)
class EventCase:
    """A case on its opening day; `unfinished` names the metrics it has nothing for yet."""

    line: int
    day: date
    segment: str
    arm: Arm
    account: str
    measured: tuple[Measured, ...]
    unfinished: tuple[str, ...]


class CaseReader:
    """Reads rows under one header. Raises Refused with the column and the reason."""

    def __init__(self, event_map: EventMap, known: ReadingContext, header: Sequence[str]) -> None:
        self._map = event_map
        self._known = known
        self._zone = known.zone
        self._place = {column: header.index(column) for column in event_map.columns}

    def name(self, row: Sequence[str]) -> str:
        """Return the id of the case."""
        name = self._text(row, self._map.case)
        if not name:
            raise Refused(self._map.case, "the case has no id")
        return name

    def read(self, row: Sequence[str], line: int) -> EventCase | None:
        """Return the case, or None where the map leaves it out."""
        day = self._day(row, self._map.opened)
        if day is None:
            raise Refused(self._map.opened, "is empty; nobody knows the day this case counts on")
        if day > self._known.today:
            raise Refused(self._map.opened, f"{day} lies in the future; today is {self._known.today}")
        if not all(self._lies_in(row, limits) for limits in self._map.where):
            return None
        results = {measure.metric: self._measured(row, measure, day) for measure in self._map.measures}
        return EventCase(
            line=line,
            day=day,
            segment=self._segment(row),
            arm=self._arm(row),
            account=self._text(row, self._map.account) if self._map.account else "",
            measured=tuple(measured for measured in results.values() if measured),
            unfinished=tuple(metric for metric, measured in results.items() if not measured),
        )

    def _text(self, row: Sequence[str], column: str) -> str:
        return row[self._place[column]].strip()

    def _instant(self, row: Sequence[str], column: str) -> datetime | None:
        """Read a time; a day alone is its first instant, and no time zone means the pilot's."""
        text = self._text(row, column)
        try:
            if len(text) > len("2026-01-31"):
                return instant_of(text, self._zone)
            return start_of_day(day_of(text), self._known.timezone) if text else None
        except (ValueError, OverflowError) as error:
            raise Refused(column, str(error)) from None

    def _day(self, row: Sequence[str], column: str) -> date | None:
        instant = self._instant(row, column)
        return local_day(instant, self._known.timezone) if instant else None

    def _lies_in(self, row: Sequence[str], limits: Range) -> bool:
        day = self._day(row, limits.column)
        return day is not None and (limits.first or day) <= day <= (limits.last or day)

    def _segment(self, row: Sequence[str]) -> str:
        categories = {rule.dimension: self._category(row, rule) for rule in self._map.categories}
        return segment_name(categories, self._known.dimensions)

    def _category(self, row: Sequence[str], rule: CategoryRule) -> str:
        text = self._text(row, rule.column)
        category = rule.rename.get(text, text)
        if category in self._known.dimensions[rule.dimension]:
            return category
        if rule.other is None:
            raise Refused(rule.column, f"{quoted(text)} is no category of {rule.dimension}")
        return rule.other

    def _arm(self, row: Sequence[str]) -> Arm:
        rule = self._map.arm
        if rule is None:
            return Arm.PILOT
        text = self._text(row, rule.column)
        if isinstance(rule, ArmByColumn):
            return Arm.CONTROL if text in rule.control else Arm.PILOT
        if not text:
            raise Refused(rule.column, "is empty, so the case cannot be given an arm")
        return Arm.CONTROL if hash_share(text, salt=rule.salt) < rule.control_share else Arm.PILOT

    def _measured(self, row: Sequence[str], measure: Measure, opened: date) -> Measured | None:
        """Return what the case adds, or None while anything it takes is empty."""
        needed = (*measure.columns, measure.known) if measure.known else measure.columns
        if not all(self._text(row, column) for column in needed):
            return None
        known_on = (self._day(row, measure.known) if measure.known else None) or opened
        if not opened <= known_on <= self._known.today:
            raise Refused(measure.known, f"{known_on} is before the case was opened or after today")
        try:
            value = added_up(self._known.metrics[measure.metric], self._value(row, measure))
        except ValueError as error:
            column = error.field if isinstance(error, Refused) else ""
            raise Refused(column if column in self._place else measure.columns[-1], str(error)) from None
        return Measured(measure.metric, value, end_of_day(known_on, self._known.timezone))

    def _value(self, row: Sequence[str], measure: Measure) -> float:
        match measure.kind:
            case MeasureKind.IS_TRUE:
                return float(flag(self._text(row, measure.columns[0])))
            case MeasureKind.COLUMN:
                return number(self._text(row, measure.columns[0]))
            case MeasureKind.HOURS_BETWEEN:
                return self._hours(row, *measure.columns)

    def _hours(self, row: Sequence[str], start: str, end: str) -> float:
        first, last = self._instant(row, start), self._instant(row, end)
        if first is None or last is None or last < first:
            raise Refused(end, f"{last} is before {start}, {first}")
        return (last - first).total_seconds() / SECONDS_AN_HOUR


def hash_share(text: str, *, salt: str) -> float:
    """Return where in [0, 1) a text lands: the same for ever, spread evenly, new with a new salt."""
    digest = hashlib.sha256(f"{salt}:{text}".encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48
