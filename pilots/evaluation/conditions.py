"""What a condition is asked, and the floors below which it is not answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from math import isclose
from typing import NamedTuple

from pilots.evaluation.baselines import Baseline
from pilots.evaluation.days import day_number
from pilots.evaluation.measures import gain
from pilots.evaluation.series import Daily
from pilots.evaluation.specs import ConditionSpec, MetricSpec
from pilots.evaluation.vocabulary import Comparison, ConditionKind, Truth

MIN_SAMPLE = 200
FIRST_LOOK = {
    ConditionKind.THRESHOLD: 14,
    ConditionKind.STOP_CONDITION: 7,
    ConditionKind.ESCALATION_TRIGGER: 7,
}
BELOW_FLOOR = ("first_look", "too_small", "no_cases")


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


class Judged(NamedTuple):
    """One condition's truth at one reading period; `past` says the limit is passed, floor or not."""

    day: date
    measure: Measure
    truth: Truth
    cleared: bool = False
    past: bool = False
    why: str | None = None


Judge = Callable[[Question], Sequence[Judged]]  # in order of days


@dataclass(frozen=True, slots=True)
class Floor:
    """The days of the stage and the cases below which a condition is not answered."""

    days: int
    sample: int

    def shortfall(self, *, days: int, sample: int) -> str | None:
        if sample < self.sample:
            return "too_small"
        return "first_look" if days < self.days else None


def floor_of(condition: ConditionSpec) -> Floor:
    """Return a condition's floor; where it watches an absolute limit one case is enough."""
    one_case_is_enough = condition.kind is not ConditionKind.THRESHOLD and not condition.needs_baseline
    days, sample = (0, 0) if one_case_is_enough else (FIRST_LOOK[condition.kind], MIN_SAMPLE)
    return Floor(
        days=days if condition.min_days is None else condition.min_days,
        sample=sample if condition.min_sample is None else condition.min_sample,
    )


def is_beyond(question: Question, measure: Measure, limit: float | None) -> bool:
    """Say whether a measure lies on the side of a limit where the condition becomes true.

    `above`, `below` and `improve_by` are strict; `worsen_by` holds at its limit too, but never
    without a worsening. Of a gap, `worsen_by` and `above` mean wider, the others narrower.
    """
    number = measure.change if question.condition.needs_baseline else measure.value
    if number is None or limit is None:
        return False
    if question.condition.needs_baseline:
        return _is_change_beyond(question, number, limit)
    above = question.condition.comparison is Comparison.ABOVE
    return _exceeds(number, limit) if above else _exceeds(limit, number)


def _is_change_beyond(question: Question, change: float, limit: float) -> bool:
    comparison = question.condition.comparison
    if question.condition.spans_a_gap:
        worse = change
        if comparison in (Comparison.IMPROVE_BY, Comparison.BELOW):
            return _exceeds(limit, worse)
    else:
        worse = -gain(change, question.metric.direction)
    match comparison:
        case Comparison.IMPROVE_BY:
            return _exceeds(-worse, limit)
        case Comparison.WORSEN_BY:
            return _exceeds(worse, 0.0) and not _exceeds(limit, worse)
        case _:
            return _exceeds(worse, limit)


def _exceeds(number: float, limit: float) -> bool:
    # A number on its limit but for rounding lies on it.
    return number > limit and not isclose(number, limit, rel_tol=1e-9, abs_tol=1e-12)


def judge_measure(question: Question, day: date, measure: Measure, floor: Floor) -> Judged:
    """Answer a condition at one reading period from what was measured there."""
    condition = question.condition
    if measure.why or condition.limit is None:
        return Judged(day, measure, Truth.UNKNOWN, why=measure.why or "no_limit")
    past = is_beyond(question, measure, condition.limit)
    why = floor.shortfall(days=day_number(day, question.first_day), sample=measure.sample)
    why = why or _unfinished_total(condition, measure, past=past)
    if why:
        return Judged(day, measure, Truth.UNKNOWN, past=past, why=why)
    if past:
        return Judged(day, measure, Truth.TRUE, past=True)
    cleared = condition.clear_limit is None or not is_beyond(question, measure, condition.clear_limit)
    return Judged(day, measure, Truth.FALSE, cleared=cleared)


def _unfinished_total(condition: ConditionSpec, measure: Measure, *, past: bool) -> str | None:
    """Name what an absolute limit on a total still waits for: what is missing can only add to it."""
    if condition.needs_baseline:
        return None
    if condition.comparison is Comparison.ABOVE:
        return None if past or measure.whole else "missing_period"
    if not measure.whole:
        return "missing_period"
    return None if measure.full else "first_look"
