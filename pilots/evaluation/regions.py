"""Where on the line of a metric's values a limit makes its condition true."""

from __future__ import annotations

from math import inf
from typing import NamedTuple

from pilots.evaluation.specs import ConditionSpec
from pilots.evaluation.vocabulary import Comparison, Direction


class Region(NamedTuple):
    """The values between `low` and `high`, in the metric's unit; of a gap, its widths as fractions."""

    low: float
    high: float

    def meets(self, other: Region) -> bool:
        """Say whether some value lies inside both; a value on the edge lies in neither."""
        return max(self.low, other.low) < min(self.high, other.high)


def region_of(
    condition: ConditionSpec, direction: Direction, *, baseline: float | None = None
) -> Region | None:
    """Return where a condition is true, or None where that can't be said.

    A limit relative to the baseline needs its value, in the condition's own scope. What watches a
    data state is true nowhere on this line.
    """
    if condition.comparison is None or condition.limit is None:
        return None
    if condition.spans_a_gap:
        wider = condition.comparison in (Comparison.ABOVE, Comparison.WORSEN_BY)
        return _beyond(condition.limit, upwards=wider)
    if not condition.comparison.is_relative:
        return _beyond(condition.limit, upwards=condition.comparison is Comparison.ABOVE)
    if not baseline:
        return None
    better_is_up = direction is Direction.HIGHER_IS_BETTER
    upwards = better_is_up is (condition.comparison is Comparison.IMPROVE_BY)
    change = condition.limit * abs(baseline)
    return _beyond(baseline + change if upwards else baseline - change, upwards=upwards)


def _beyond(limit: float, *, upwards: bool) -> Region:
    return Region(limit, inf) if upwards else Region(-inf, limit)
