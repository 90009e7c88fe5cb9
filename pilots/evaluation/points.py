"""The `point` method: the value of the last days against the limit. Repeated looks are not allowed for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import accumulate

from pilots.evaluation.conditions import Judged, Measure, Part, Question, floor_of, judge_measure
from pilots.evaluation.days import day_number
from pilots.evaluation.measures import gain, level, relative_change
from pilots.evaluation.moments import exact_sum
from pilots.evaluation.vocabulary import MetricKind


def judge_points(question: Question) -> Sequence[Judged]:
    """Judge a condition at every reading period from its first day on, each by its own window."""
    floor = floor_of(question.condition)
    days = question.parts[0].daily.days if question.parts else ()
    parts = [(part, list(accumulate(part.daily.n))) for part in question.parts]
    judged = []
    for low, high in _windows(days, length=_window_days(question), counts_from=question.counts_from):
        measures = [_measured(question, part, samples, low, high) for part, samples in parts]
        measure = _gap(question, measures) if question.condition.spans_a_gap else measures[0]
        judged.append(judge_measure(question, days[high - 1], measure, floor))
    return judged


def _window_days(question: Question) -> int:
    return question.condition.window_days or question.metric.window_days


def _windows(days: Sequence[date], *, length: int, counts_from: date) -> Iterator[tuple[int, int]]:
    """Yield the slice of days behind each reading period; none reaches before `counts_from`."""
    reach = timedelta(days=length - 1)
    low = 0
    for high, day in enumerate(days, 1):
        if day < counts_from:
            continue
        while days[low] < counts_from or days[low] < day - reach:
            low += 1
        yield low, high


def _measured(question: Question, part: Part, samples: Sequence[int], low: int, high: int) -> Measure:
    kind = question.metric.kind
    n = sum(part.daily.n[low:high])
    value = level(kind, n, exact_sum(part.daily.total[low:high]))
    before = part.baseline.level(periods=high - low) if part.baseline else None
    change = relative_change(value, before)
    why = _missing(question, n, value, before, change)
    whole, full = _completeness(question, part, low, high) if kind is MetricKind.TOTAL else (True, True)
    return Measure(value, before, change, n, samples[high - 1], why, whole, full)


def _missing(
    question: Question, n: int, value: float | None, before: float | None, change: float | None
) -> str | None:
    """Name what keeps a value from being compared, if anything does."""
    if value is None:
        return "no_cases" if n <= 0 else "not_a_number"
    if not question.condition.needs_baseline or change is not None:
        return None
    if before is None:
        return "no_baseline"
    return "zero_baseline" if before == 0 else "not_a_number"


def _completeness(question: Question, part: Part, low: int, high: int) -> tuple[bool, bool]:
    """Say whether the window lacks no reading, and whether it lies inside the days that count."""
    day, length = part.daily.days[high - 1], _window_days(question)
    elapsed = min(length, day_number(day, question.counts_from))
    return high - low >= elapsed // question.metric.cadence_days, elapsed == length


def _gap(question: Question, measures: Sequence[Measure]) -> Measure:
    """Return the difference between the best and the worst category's change, each on its own baseline.

    A category with neither cases nor a baseline does not exist; any other that cannot be compared
    leaves the gap unknown. The smallest category's sample counts for the floor.
    """
    present = [m for m in measures if m.sample or m.baseline is not None]
    n = sum(m.n for m in present)
    sample = min((m.sample for m in present), default=0)
    why = next((m.why for m in present if m.why), None)
    if len(present) < 2:
        why = why or "one_category"
    gains = [gain(m.change, question.metric.direction) for m in present if m.change is not None]
    change = None if why else max(gains) - min(gains)
    return Measure(None, None, change, n, sample, why)
