"""Before the start: the smallest change a rule can prove by a day, at the baseline's volume (step 12)."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, sqrt

from pilots.evaluation.bars import bar
from pilots.evaluation.days import days_between
from pilots.evaluation.dependence import SAFETY, design_effect
from pilots.evaluation.estimates import PLAIN
from pilots.evaluation.grids import SCALES
from pilots.evaluation.intervals import POWER
from pilots.evaluation.rules import Rule, is_by_interval, rule_of
from pilots.evaluation.scopes import members
from pilots.evaluation.series import Series
from pilots.evaluation.sights import SHORTEST_BASELINE, fraction
from pilots.evaluation.specs import BaselineSpec, ConditionSpec, MetricSpec, PilotSpec
from pilots.evaluation.standardising import Standard, own_spread, shares, standardise, sums_by_cell
from pilots.evaluation.windows import Window


@dataclass(frozen=True, slots=True)
class Plan:
    """What a rule can prove by day `days`: a change as a fraction, its size only; or why none can be named.

    For a limit on an improvement it is the true change that is proven to pass the limit four times
    in five; for one on a worsening, the true harm that stops or escalates as often.
    """

    days: int
    change: float | None = None
    cases_a_day: float = 0.0
    why: str | None = None


def plan(
    condition: ConditionSpec,
    scope: str,
    metric: MetricSpec,
    pilot: PilotSpec,
    series: Series,
    *,
    days: int,
    share: float = 1.0,
) -> Plan:
    """Plan one rule in one plain scope; `share` is the share of the baseline's cases the pilot will see."""
    if not is_by_interval(condition, metric) or condition.spans_a_gap:
        return Plan(days, why="not_by_interval")
    if metric.baseline is None:
        return Plan(days, why="no_baseline")
    before = _window(metric, metric.baseline, pilot, series, scope)
    standard, cases = _standard(before, metric)
    a_day = share * cases / len(before)
    if standard is None:
        return Plan(days, why="no_baseline")
    if len(before) < SHORTEST_BASELINE:
        return Plan(days, cases_a_day=a_day, why="short_baseline")
    if standard.variance <= 0:
        return Plan(days, cases_a_day=a_day, why="zero_variance")
    rule = rule_of(condition, scope, metric, pilot)
    return Plan(days, _smallest(rule, standard, days=days, share=share), a_day)


def _smallest(rule: Rule, before: Standard, *, days: int, share: float) -> float | None:
    v_day = before.variance * len(before.residuals) / share
    c = bar(rule.alpha, 1 + v_day / max(rule.floor.days, 1) / before.variance)
    spread = SAFETY * sqrt(design_effect([before]) * (before.variance + v_day / max(days, 1)))
    proven, limit = (c + POWER) * spread, rule.limit or 0.0
    size = limit + proven if rule.asks_for_better else max(limit, proven)
    falls = rule.asks_for_better is (rule.sign < 0)
    return 1 - exp(-size) if falls else fraction(size)


def _window(
    metric: MetricSpec, baseline: BaselineSpec, pilot: PilotSpec, series: Series, scope: str
) -> Window:
    """Return the baseline's days, as frozen or as known."""
    known = Series(baseline.daily) if baseline.daily else series
    inside, rows = members(scope, known.segments(metric.ref), pilot.dimensions), known.rows(metric.ref)
    days = (rows.get(day, {}) for day in days_between(baseline.first_day, baseline.last_day))
    return Window(baseline.first_day, tuple({s: m for s, m in day.items() if s in inside} for day in days))


def _standard(before: Window, metric: MetricSpec) -> tuple[Standard | None, int]:
    """Return a baseline on its own mix, and its cases."""
    scale = SCALES.get(metric.kind, PLAIN)
    cells = before.by_cell(merged=False)
    sums = sums_by_cell(cells)
    if not sums:
        return None, 0
    spreads = {cell: own_spread(moments, logs=scale.logs) for cell, moments in sums.items()}
    standard = standardise(cells, sums, shares(sums), spreads, logs=scale.logs)
    return standard, sum(moments.n for moments in sums.values())
