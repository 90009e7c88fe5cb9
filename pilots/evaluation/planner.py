"""Before the start: the smallest change a rule can prove by a day, at the baseline's volume (step 12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, hypot, sqrt

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

EITHER_WAY = 1.28  # the normal quantile of 90 %: a difference by chance may point either way


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
    """Plan one rule in one scope; `share` is the share of the baseline's cases the pilot will see.

    Of a gap it is the true difference that is proven four times in five; or, for a limit that a gap
    has to stay under, the smallest limit under which no gap at all is proven as often.
    """
    if not is_by_interval(condition, metric):
        return Plan(days, why="not_by_interval")
    if metric.baseline is None:
        return Plan(days, why="no_baseline")
    rule = rule_of(condition, scope, metric, pilot)
    found = (_part(metric, metric.baseline, pilot, series, part) for part in rule.parts)
    parts = [part for part in found if part is not None]
    why = _lacking(rule, parts)
    a_day = share * sum(part.cases / len(part.standard.residuals) for part in parts)
    if why:
        return Plan(days, cases_a_day=a_day, why=why)
    reaches = [_reach(rule, part.standard, days=days, share=share) for part in parts]
    smallest = _smallest_gap if condition.spans_a_gap else _smallest_change
    return Plan(days, smallest(rule, reaches), a_day)


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a rule as it was before: its baseline on its own mix, and its cases."""

    standard: Standard
    cases: int


@dataclass(frozen=True, slots=True)
class _Reach:
    """How far chance reaches by a day: the standard error on the log scale, and the bar over it."""

    error: float
    bar: float


def _part(
    metric: MetricSpec, baseline: BaselineSpec, pilot: PilotSpec, series: Series, part: str
) -> _Part | None:
    standard, cases = _standard(_window(metric, baseline, pilot, series, part), metric)
    return _Part(standard, cases) if standard else None


def _lacking(rule: Rule, parts: Sequence[_Part]) -> str | None:
    """Name what keeps a plan from being made."""
    if rule.condition.spans_a_gap and (len(rule.parts) < 2 or len(parts) == 1):
        return "one_category"
    if not parts:
        return "no_baseline"
    if len(parts[0].standard.residuals) < SHORTEST_BASELINE:
        return "short_baseline"
    return "zero_variance" if any(part.standard.variance <= 0 for part in parts) else None


def _reach(rule: Rule, before: Standard, *, days: int, share: float) -> _Reach:
    v_day = before.variance * len(before.residuals) / share
    c = bar(rule.alpha, 1 + v_day / max(rule.floor.days, 1) / before.variance)
    v = before.variance + v_day / max(days, 1)
    return _Reach(SAFETY * sqrt(design_effect([before]) * v), c)


def _smallest_change(rule: Rule, reaches: Sequence[_Reach]) -> float | None:
    [reach] = reaches
    proven, limit = (reach.bar + POWER) * reach.error, rule.limit or 0.0
    size = limit + proven if rule.asks_for_better else max(limit, proven)
    falls = rule.asks_for_better is (rule.sign < 0)
    return 1 - exp(-size) if falls else fraction(size)


def _smallest_gap(rule: Rule, reaches: Sequence[_Reach]) -> float | None:
    """Return what the two parts that chance moves most can show; each is bound by its own interval."""
    near, far = sorted(r.bar * r.error for r in reaches)[-2:]
    chance = hypot(*sorted(r.error for r in reaches)[-2:])
    if rule.asks_for_better:
        return fraction(max(2 * far, near + far + EITHER_WAY * chance))
    return fraction(max(rule.limit or 0.0, near + far + POWER * chance))


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
