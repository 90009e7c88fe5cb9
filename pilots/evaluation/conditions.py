"""What a condition is asked, and the floors below which it is not answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from math import isclose
from typing import NamedTuple

from pilots.evaluation.baselines import Baseline
from pilots.evaluation.measures import gain
from pilots.evaluation.results import Interval
from pilots.evaluation.series import Daily
from pilots.evaluation.specs import ConditionSpec, MetricSpec
from pilots.evaluation.vocabulary import Comparison, ConditionKind, Truth

MIN_SAMPLE = 200
FIRST_LOOK = {
    ConditionKind.THRESHOLD: 14,
    ConditionKind.STOP_CONDITION: 7,
    ConditionKind.ESCALATION_TRIGGER: 7,
}
BELOW_FLOOR = ("first_look", "too_small", "thin_cell", "no_cases")


@dataclass(frozen=True, slots=True)
class Part:
    """One segment's (or the whole scope's) cases since the stage's first day, and before the pilot."""

    name: str
    daily: Daily
    baseline: Baseline | None


@dataclass(frozen=True, slots=True)
class Question:
    """One condition in one scope, and everything a method judges it on.

    A plain scope has one part, a gap one for each category. Every part has the same days: those
    with a reading, from the stage's first day to the last mature one. Streaks and windows begin
    at `counts_from`, the sample and the first look at `first_day`.
    """

    condition: ConditionSpec
    metric: MetricSpec
    first_day: date
    counts_from: date
    parts: tuple[Part, ...]


class Measure(NamedTuple):
    """What was measured at one reading period; `why` names what is missing.

    `n` counts the cases behind the value, `sample` those since the stage's first day. A total is
    `whole` when its window lacks no reading, and `full` when the window lies inside the stage.
    """

    value: float | None
    baseline: float | None
    change: float | None
    n: int
    sample: int
    why: str | None = None
    whole: bool = True
    full: bool = True

    @property
    def is_complete(self) -> bool:
        return self.whole and self.full


class Judged(NamedTuple):
    """One condition's truth at one period; `past` says the limit is passed, floor or not.

    A period without a reading of its own (`is_reading`) is a calendar day that was looked at.
    """

    day: date
    measure: Measure
    truth: Truth
    cleared: bool = False
    past: bool = False
    why: str | None = None
    is_reading: bool = True
    interval: Interval | None = None


LimitTest = Callable[[float], bool]


@dataclass(frozen=True, slots=True)
class Floor:
    """The days of the stage and the cases below which a condition is not answered."""

    days: int
    sample: int


def floor_of(condition: ConditionSpec) -> Floor:
    """Return a condition's floor; where it watches an absolute limit one case is enough."""
    one_case_is_enough = condition.kind is not ConditionKind.THRESHOLD and not condition.needs_baseline
    days, sample = (0, 0) if one_case_is_enough else (FIRST_LOOK[condition.kind], MIN_SAMPLE)
    return Floor(
        days=days if condition.min_days is None else condition.min_days,
        sample=sample if condition.min_sample is None else condition.min_sample,
    )


def limit_test(question: Question, limit: float | None) -> LimitTest:
    """Return the test whether a number lies on the side of a limit where the condition becomes true.

    The number is a change where the limit speaks of one, else a value. `above`, `below` and
    `improve_by` are strict; `worsen_by` holds at its limit too, but never without a worsening. Of
    a gap, `worsen_by` and `above` mean wider, the others narrower.
    """
    if limit is None:
        return lambda number: False
    match question.condition.comparison:
        case Comparison.IMPROVE_BY | Comparison.BELOW if question.condition.spans_a_gap:
            return lambda gap: _exceeds(limit, gap)
        case Comparison.IMPROVE_BY:
            return lambda change: _exceeds(gain(change, question.metric.direction), limit)
        case Comparison.WORSEN_BY:
            sign = 1.0 if question.condition.spans_a_gap else gain(-1.0, question.metric.direction)
            return lambda change: _exceeds(sign * change, 0.0) and not _exceeds(limit, sign * change)
        case Comparison.BELOW:
            return lambda value: _exceeds(limit, value)
        case _:
            return lambda value: _exceeds(value, limit)


def _exceeds(number: float, limit: float) -> bool:
    # A number on its limit but for rounding lies on it.
    return number > limit and not isclose(number, limit, rel_tol=1e-9, abs_tol=1e-12)


def judge_measures(question: Question, measured: Iterable[tuple[date, Measure]]) -> list[Judged]:
    """Answer a condition at each reading period from what was measured there."""
    is_past = limit_test(question, question.condition.limit)
    is_held = limit_test(question, question.condition.clear_limit)
    shortfall = _shortfall_test(question)
    speaks_of_change = question.condition.needs_baseline
    without_limit = "no_limit" if question.condition.limit is None else None

    def judged(day: date, measure: Measure) -> Judged:
        number = measure.change if speaks_of_change else measure.value
        why = measure.why or without_limit
        if why or number is None:
            return Judged(day, measure, Truth.UNKNOWN, False, False, why)
        past = is_past(number)
        why = shortfall(day, measure, past)
        if why:
            return Judged(day, measure, Truth.UNKNOWN, False, past, why)
        if past:
            return Judged(day, measure, Truth.TRUE, False, True)
        return Judged(day, measure, Truth.FALSE, not is_held(number))

    return [judged(day, measure) for day, measure in measured]


def _shortfall_test(question: Question) -> Callable[[date, Measure, bool], str | None]:
    """Return the test that names the floor a reading period has not reached."""
    condition, floor = question.condition, floor_of(question.condition)
    first_answer = question.first_day + timedelta(days=floor.days - 1)

    def shortfall(day: date, measure: Measure, past: bool) -> str | None:
        if measure.sample < floor.sample:
            return "too_small"
        if day < first_answer:
            return "first_look"
        return None if measure.is_complete else _unfinished_total(condition, measure, past=past)

    return shortfall


def _unfinished_total(condition: ConditionSpec, measure: Measure, *, past: bool) -> str | None:
    """Name what an absolute limit on a total still waits for: what is missing can only add to it."""
    if condition.needs_baseline:
        return None
    if condition.comparison is Comparison.ABOVE:
        return None if past or measure.whole else "missing_period"
    return "first_look" if measure.whole else "missing_period"
