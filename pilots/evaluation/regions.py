"""Where on the line of a metric's values a limit makes its condition true."""

from __future__ import annotations

from math import inf
from typing import NamedTuple

from pilots.evaluation.specs import GAP, ConditionSpec
from pilots.evaluation.vocabulary import Comparison, ConditionKind, Direction, MetricKind


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


def can_be_passed(
    condition: ConditionSpec, kind: MetricKind, direction: Direction, *, baseline: float | None = None
) -> bool:
    """Say whether a metric can get past a condition's limit; where nobody can say, that it can."""
    region = region_of(condition, direction, baseline=baseline)
    return region is None or region.meets(_possible(condition, kind, baseline))


def _possible(condition: ConditionSpec, kind: MetricKind, baseline: float | None) -> Region:
    if kind is MetricKind.RATE and not condition.spans_a_gap:
        return Region(0.0, 1.0)
    # Of a plain number only its baseline tells that it counts something that is never negative.
    never_negative = condition.spans_a_gap or kind is MetricKind.GEOMETRIC_MEAN or (baseline or 0.0) > 0
    return Region(0.0 if never_negative else -inf, inf)


def backwards(kind: ConditionKind, comparison: Comparison, scope: str, direction: Direction) -> str | None:
    """Say why a limit lies on the wrong side, or nothing where it does not.

    A scale-up criterion becomes true where things are better, a stop condition where they are
    worse. A trigger may watch either side.
    """
    if kind is ConditionKind.ESCALATION_TRIGGER:
        return None
    wants_better = kind is ConditionKind.THRESHOLD
    if (comparison in _BETTER_BY[scope.startswith(GAP), direction]) is wants_better:
        return None
    better = "a narrower gap" if scope.startswith(GAP) else direction.value.split("_")[0]
    asked = "a scale-up criterion" if wants_better else "a stop condition"
    return f"{better} is better here, so {asked} can't become true {_WHERE[comparison]}"


_WHERE = {
    Comparison.IMPROVE_BY: "with an improvement",
    Comparison.WORSEN_BY: "with a worsening",
    Comparison.BELOW: "below a value",
    Comparison.ABOVE: "above a value",
}
_NARROWER = (Comparison.IMPROVE_BY, Comparison.BELOW)
_BETTER_BY = {
    (False, Direction.LOWER_IS_BETTER): (Comparison.IMPROVE_BY, Comparison.BELOW),
    (False, Direction.HIGHER_IS_BETTER): (Comparison.IMPROVE_BY, Comparison.ABOVE),
    (True, Direction.LOWER_IS_BETTER): _NARROWER,
    (True, Direction.HIGHER_IS_BETTER): _NARROWER,
}


def _beyond(limit: float, *, upwards: bool) -> Region:
    return Region(limit, inf) if upwards else Region(-inf, limit)
