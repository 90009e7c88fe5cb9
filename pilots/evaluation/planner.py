"""The smallest change that a pilot can prove by some day, judged by its baseline alone (step 12)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import expm1, sqrt

from pilots.evaluation.bars import bar
from pilots.evaluation.conditions import FIRST_LOOK
from pilots.evaluation.dependence import SAFETY
from pilots.evaluation.estimates import Estimate
from pilots.evaluation.grids import estimate_looks, grid_of, span_of
from pilots.evaluation.intervals import POWER, SHORTEST_BASELINE
from pilots.evaluation.rules import is_by_interval, rule_of
from pilots.evaluation.scopes import expand_scopes, is_known, members
from pilots.evaluation.series import Series
from pilots.evaluation.specs import BaselineSpec, ConditionSpec, MetricSpec, PilotSpec


@dataclass(frozen=True, slots=True)
class Plan:
    """What one condition can prove by a day of the pilot if it goes on as in the baseline.

    `provable` is the size of a true change, a fraction, that is proven in four of five pilots;
    `limit` is what the condition asks for. Of several scopes it is the one that takes the largest
    change. Without a number, `why` says what is missing.
    """

    condition: str
    metric: str
    scope: str
    day: int
    limit: float | None
    provable: float | None = None
    cases_a_day: float | None = None
    why: str | None = None


def plan(pilot: PilotSpec, condition: ConditionSpec, series: Series, *, day: int) -> Plan:
    """Say what a condition can prove by a day, from the readings of its metric's baseline."""
    metric = next((m for m in pilot.metrics if m.ref == condition.metric), None)
    first = FIRST_LOOK[condition.kind]
    nothing = Plan(condition.ref, condition.metric, condition.scope, day, condition.limit)
    if metric is None or not is_by_interval(condition, metric) or condition.spans_a_gap:
        return replace(nothing, why="not_by_interval")
    if metric.baseline is None:
        return replace(nothing, why="no_baseline")
    if metric.baseline.days < SHORTEST_BASELINE:
        return replace(nothing, why="short_baseline")
    if day - metric.maturity_days < first:
        return replace(nothing, why="first_look")
    scopes = [s for s in expand_scopes(condition, pilot.dimensions) if is_known(s, pilot.dimensions)]
    plans = [_in_scope(pilot, condition, metric, metric.baseline, series, scope, day) for scope in scopes]
    missing = next((p for p in plans if p.why), None)
    return missing or max(plans, key=lambda p: p.provable or 0.0, default=replace(nothing, why="no_cases"))


def _in_scope(
    pilot: PilotSpec,
    condition: ConditionSpec,
    metric: MetricSpec,
    baseline: BaselineSpec,
    series: Series,
    scope: str,
    day: int,
) -> Plan:
    found = _again(pilot, metric, baseline, series, scope)
    planned = Plan(condition.ref, metric.ref, scope, day, condition.limit)
    if found.flaw or found.v_base <= 0:
        return replace(planned, why=found.flaw or "zero_variance")
    rule, settled = rule_of(condition, scope, metric, pilot), day - metric.maturity_days
    v_day = found.v_base * baseline.days
    c = bar(rule.alpha, 1 + v_day / rule.floor.days / found.v_base) if rule.floor.days else 0.0
    reach = (c + POWER) * SAFETY * sqrt(found.deff * (found.v_base + v_day / settled))
    better = rule.asks_for_better
    size = (rule.limit or 0.0) + reach if better else max(rule.limit or 0.0, reach)
    falls = (rule.sign < 0) is better
    return replace(
        planned,
        provable=-expm1(-size) if falls else expm1(size),
        cases_a_day=found.base_n / baseline.days,
    )


def _again(
    pilot: PilotSpec, metric: MetricSpec, baseline: BaselineSpec, series: Series, scope: str
) -> Estimate:
    """Estimate a pilot that is its own baseline once more: its spread and how its days hang together."""
    grid = grid_of(metric, series, first=baseline.first_day, last=baseline.last_day)
    span = span_of(metric, baseline, first_day=baseline.first_day)
    span = replace(span, maturity_days=0, scale=replace(span.scale, screened=False))
    segments = members(scope, grid.segments, pilot.dimensions)
    return estimate_looks(grid, span, [baseline.last_day], segments)[0]


def horizon(pilot: PilotSpec) -> int:
    """Return the day of the pilot on which its running stage is planned to end; without a plan, 90."""
    first, end = pilot.running_stage.first_day, pilot.planned_end
    return (end - first).days + 1 if end and end >= first else 90
