"""What a rule judged by the interval method asks for: side, limit and risk (steps 6, 8 and 11)."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, log1p

from pilots.evaluation.conditions import FIRST_LOOK, MIN_SAMPLE, Floor, floor_of
from pilots.evaluation.scopes import categories, expand_scopes
from pilots.evaluation.specs import EACH, GAP, ConditionSpec, MetricSpec, PilotSpec
from pilots.evaluation.vocabulary import Comparison, ConditionKind, Direction, Method, MetricKind

STOP_ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Watch:
    """How a change for the worse is proven: the risk taken and the floor."""

    alpha: float
    floor: Floor


@dataclass(frozen=True, slots=True)
class Rule:
    """One condition in one scope, its limits on the log scale; `sign` turns a change into a gain.

    A rule that asks for an improvement also keeps `worse`, the stop's watch at the same place:
    while that proves harm, its own first look has not come.
    """

    condition: ConditionSpec
    metric: MetricSpec
    parts: tuple[str, ...]
    sign: float
    limit: float | None
    clear_limit: float | None
    alpha: float
    floor: Floor
    worse: Watch

    @property
    def asks_for_better(self) -> bool:
        return self.condition.comparison in (Comparison.IMPROVE_BY, Comparison.BELOW)


def is_by_interval(condition: ConditionSpec, metric: MetricSpec) -> bool:
    """Say whether the method can speak of a limit: only of a change, and not of a total's."""
    return condition.needs_baseline and metric.kind is not MetricKind.TOTAL


def rule_of(condition: ConditionSpec, scope: str, metric: MetricSpec, pilot: PilotSpec) -> Rule:
    lower = metric.direction is Direction.LOWER_IS_BETTER
    parts = parts_of(condition, scope, pilot)
    alpha, floor = alpha_of(condition, pilot), floor_of(condition)
    return Rule(
        condition=condition,
        metric=metric,
        parts=parts,
        sign=-1.0 if lower else 1.0,
        limit=_on_log_scale(condition.limit, condition, lower=lower),
        clear_limit=_on_log_scale(condition.clear_limit, condition, lower=lower),
        alpha=alpha / max(len(parts), 1),
        floor=floor,
        worse=_watch(condition, scope, pilot),
    )


def parts_of(condition: ConditionSpec, scope: str, pilot: PilotSpec) -> tuple[str, ...]:
    """Return the scopes whose changes answer a condition in one scope: of a gap, every category."""
    return categories(scope.removeprefix(GAP), pilot.dimensions) if condition.spans_a_gap else (scope,)


def alpha_of(condition: ConditionSpec, pilot: PilotSpec) -> float:
    """Return the risk one scope of a condition may take.

    Enforced stop conditions share theirs, each scope counted once. Any other condition has its own,
    shared by its scopes.
    """
    if _is_enforced_stop(condition):
        stops = [c for c in pilot.conditions if _is_enforced_stop(c)]
        return condition.alpha / sum(len(expand_scopes(stop, pilot.dimensions)) for stop in stops)
    if condition.scope.startswith(EACH):
        return condition.alpha / len(expand_scopes(condition, pilot.dimensions))
    return condition.alpha


def _is_enforced_stop(condition: ConditionSpec) -> bool:
    return (
        condition.kind is ConditionKind.STOP_CONDITION
        and condition.method is Method.INTERVAL
        and condition.needs_baseline
        and not condition.observe_only
    )


def _watch(condition: ConditionSpec, scope: str, pilot: PilotSpec) -> Watch:
    """Return the stop condition's watch over the same metric and scope, or that of one at the usual risk."""
    for stop in filter(_is_enforced_stop, pilot.conditions):
        if stop.metric == condition.metric and scope in expand_scopes(stop, pilot.dimensions):
            return Watch(alpha_of(stop, pilot), floor_of(stop))
    return Watch(STOP_ALPHA, Floor(FIRST_LOOK[ConditionKind.STOP_CONDITION], MIN_SAMPLE))


def _on_log_scale(limit: float | None, condition: ConditionSpec, *, lower: bool) -> float | None:
    """Return the size of a relative limit in logarithms; of a gap, that of a change for the worse."""
    if limit is None:
        return None
    falls = lower is (condition.comparison is Comparison.IMPROVE_BY)
    if condition.spans_a_gap or not falls:
        return log1p(limit)
    return -log(1 - limit) if limit < 1 else float("inf")
