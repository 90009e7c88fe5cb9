"""From cases to the number a rule speaks of: its level, and its change against a baseline."""

from __future__ import annotations

from math import expm1, isfinite

from pilots.evaluation.vocabulary import Comparison, Direction, MetricKind


def level(kind: MetricKind, n: int, total: float) -> float | None:
    """Return the level of some cases in the metric's unit; None without cases or where it overflows.

    The cases of a geometric mean are held as log(1 + x).
    """
    if kind is MetricKind.TOTAL:
        return _finite(total)
    if n <= 0:
        return None
    mean = total / n
    if kind is not MetricKind.GEOMETRIC_MEAN:
        return _finite(mean)
    try:
        return _finite(expm1(mean))
    except OverflowError:
        return None


def relative_change(value: float | None, baseline: float | None) -> float | None:
    """Return the change as a fraction of the baseline's size, with the sign of the data."""
    if value is None or baseline is None or baseline == 0:
        return None
    return _finite((value - baseline) / abs(baseline))


def gain(change: float, direction: Direction) -> float:
    """Return a change so that positive is better."""
    return -change if direction is Direction.LOWER_IS_BETTER else change


def signed_limit(limit: float | None, comparison: Comparison | None, direction: Direction) -> float | None:
    """Return a relative limit with the sign the data has there; an absolute one as it is."""
    if limit is None or comparison is None or not comparison.is_relative:
        return limit
    better = limit if comparison is Comparison.IMPROVE_BY else -limit
    return gain(better, direction)


def _finite(number: float) -> float | None:
    return number if isfinite(number) else None
