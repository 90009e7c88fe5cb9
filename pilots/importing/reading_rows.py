"""One row of a readings file: a day's aggregate, or a single case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import log1p

from pilots.evaluation.moments import Moments
from pilots.evaluation.specs import Reading
from pilots.evaluation.vocabulary import MetricKind
from pilots.importing.fields import LARGEST, MOST_CASES
from pilots.importing.reading_context import FieldReader, ReadingContext, Refused
from pilots.importing.records import AGGREGATE, Record
from pilots.importing.spelling import quoted
from pilots.importing.tallies import Key

ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Row:
    """A reading and the line it stands on (of single cases: the first of them)."""

    reading: Reading
    line: int


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a metric, in the unit that is added up."""

    key: Key
    as_of: datetime
    value: float
    account: str
    line: int


class RowReader:
    """Reads the rows of one file. Raises Refused with the field and the reason."""

    def __init__(self, known: ReadingContext) -> None:
        self._fields = FieldReader(known)

    def read(self, record: Record) -> Row | Case:
        return self._aggregate(record) if record.columns is AGGREGATE else self._case(record)

    def _aggregate(self, record: Record) -> Row:
        observed_on, as_of, arm_text, segment_text, metric, n, total, total_sq = record.texts
        arm, segment, kind = self._fields.subject(arm_text, segment_text, metric)
        day, known_at = self._fields.times(observed_on, as_of)
        return Row(
            Reading(metric, day, segment, _moments(kind, n, total, total_sq), known_at, arm), record.line
        )

    def _case(self, record: Record) -> Case:
        observed_on, as_of, arm_text, segment_text, metric, value, account = record.texts
        arm, segment, kind = self._fields.subject(arm_text, segment_text, metric)
        day, known_at = self._fields.times(observed_on, as_of)
        value_added = added_up(kind, _number("value", value))
        return Case((metric, day, segment, arm), known_at, value_added, account, record.line)


def added_up(kind: MetricKind, value: float) -> float:
    """Return what a case of this value adds to the sum of its metric, or raise Refused."""
    if kind is MetricKind.RATE and value not in (0, 1):
        raise Refused("value", f"{value:g} is neither 0 nor 1, and this is a rate")
    if kind is not MetricKind.GEOMETRIC_MEAN:
        return value
    if value < 0:
        raise Refused("value", f"{value:g} is below zero, which a geometric mean does not have")
    return log1p(value)


def _moments(kind: MetricKind, n_text: str, sum_text: str, sum_sq_text: str) -> Moments:
    if kind is MetricKind.RATE:
        sum_sq_text = sum_sq_text or sum_text
    n, total, total_sq = _numbers(n_text, sum_text, sum_sq_text)
    least = total * total / n
    rounding = ROUNDING * max(1.0, abs(total), least)
    if kind is MetricKind.RATE and not 0 <= total <= n:
        raise Refused("sum", f"{total:g} successes of {n} cases; a rate lies between none and all")
    if kind is MetricKind.RATE and abs(total_sq - total) > rounding:
        raise Refused("sum_sq", f"{total_sq:g} is not the sum, {total:g}; of a rate both are the successes")
    if kind is MetricKind.GEOMETRIC_MEAN and total < 0:
        raise Refused("sum", f"{total:g} is below zero, which a sum of log(1 + x) is not")
    if total_sq < least - rounding:
        raise Refused("sum_sq", f"{total_sq:g} is too small: {n} cases with this sum have at least {least:g}")
    return Moments(n, total, total_sq)


def _numbers(n_text: str, sum_text: str, sum_sq_text: str) -> tuple[int, float, float]:
    """Read the numbers of a row: all at once, for large files, and one by one where that fails."""
    try:
        n, total, total_sq = int(n_text), float(sum_text), float(sum_sq_text)
    except ValueError:
        return _count(n_text), _number("sum", sum_text), _number("sum_sq", sum_sq_text)
    if 1 <= n <= MOST_CASES and -LARGEST <= total <= LARGEST and -LARGEST <= total_sq <= LARGEST:
        return n, total, total_sq
    return _count(n_text), _number("sum", sum_text), _number("sum_sq", sum_sq_text)


def _count(text: str) -> int:
    try:
        n = int(text)
    except ValueError:
        raise Refused("n", f"{quoted(text)} is not a whole number" if text else "is empty") from None
    if not 1 <= n <= MOST_CASES:
        raise Refused("n", f"{n} cases; a row holds between 1 and {MOST_CASES:,}")
    return n


def _number(field: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise Refused(field, f"{quoted(text)} is not a number" if text else "is empty") from None
    if not -LARGEST <= value <= LARGEST:
        raise Refused(field, f"{quoted(text)} is not a number that can be added up")
    return value
