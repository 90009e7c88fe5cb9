"""The `point` method: the value of the last days against the limit. Repeated looks are not allowed for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import accumulate

from pilots.evaluation.conditions import Judged, Measure, Part, Question, judge_measures
from pilots.evaluation.days import day_number
from pilots.evaluation.measures import gain, level, relative_change
from pilots.evaluation.moments import exact_sum
from pilots.evaluation.vocabulary import MetricKind


def judge_points(question: Question) -> Sequence[Judged]:
    """Judge a condition at every reading period from its first day on, each by its own window."""
    days = question.parts[0].daily.days if question.parts else ()
    windows = list(_windows(days, length=_window_days(question), counts_from=question.counts_from))
    columns = [_measures(question, part, windows) for part in question.parts]
    if question.condition.spans_a_gap:
        columns = [[_gap(question, measures) for measures in zip(*columns, strict=True)]]
    ends = (days[high - 1] for _, high in windows)
    return judge_measures(question, zip(ends, *columns, strict=True)) if columns else []


def _window_days(question: Question) -> int:
    return question.condition.window_days or question.metric.window_days


def _windows(days: Sequence[date], *, length: int, counts_from: date) -> Iterator[tuple[int, int]]:
    """Yield the slice of days behind each reading period; none reaches before `counts_from`."""
    reach = timedelta(days=length - 1)
    low = 0
    for high, day in enumerate(days, 1):
        if day < counts_from:
            continue
        earliest = max(counts_from, day - reach)
        while days[low] < earliest:
            low += 1
        yield low, high


def _measures(question: Question, part: Part, windows: Sequence[tuple[int, int]]) -> list[Measure]:
    """Measure one part in each window, against its own baseline."""
    kind, daily, before = question.metric.kind, part.daily, part.baseline
    is_total = kind is MetricKind.TOTAL
    samples = list(accumulate(daily.n))
    fixed = before.level(periods=1) if before else None
    measures = []
    for low, high in windows:
        n = sum(daily.n[low:high])
        value = level(kind, n, exact_sum(daily.total[low:high]))
        baseline = before.level(periods=high - low) if before and is_total else fixed
        change = relative_change(value, baseline)
        why = None if change is not None else _missing(question, n, value, baseline)
        whole, full = _completeness(question, part, low, high) if is_total else (True, True)
        measures.append(Measure(value, baseline, change, n, samples[high - 1], why, whole, full))
    return measures


def _missing(question: Question, n: int, value: float | None, baseline: float | None) -> str | None:
    """Name what keeps a value from being compared, if anything does."""
    if value is None:
        return "no_cases" if n <= 0 else "not_a_number"
    if not question.condition.needs_baseline:
        return None
    if baseline is None:
        return "no_baseline"
    return "zero_baseline" if baseline == 0 else "not_a_number"


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
    why = next((m.why for m in present if m.why), None)
    if len(present) < 2:
        why = why or "one_category"
    gains = [gain(m.change, question.metric.direction) for m in present if m.change is not None]
    change = None if why else max(gains) - min(gains)
    sample = min((m.sample for m in present), default=0)
    return Measure(None, None, change, sum(m.n for m in present), sample, why)
