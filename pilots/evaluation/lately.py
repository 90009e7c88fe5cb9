"""The change over the last four weeks: late harm shows here first, and no verdict follows (step 13)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from pilots.evaluation.baselines import is_final
from pilots.evaluation.conditions import MIN_SAMPLE, Floor
from pilots.evaluation.estimates import Estimate
from pilots.evaluation.grids import estimate_looks, grid_of, span_of
from pilots.evaluation.scopes import members
from pilots.evaluation.series import Series
from pilots.evaluation.sights import fraction, shortfall
from pilots.evaluation.specs import MetricSpec, PilotSpec
from pilots.evaluation.wording import on, percent, range_words, way_words

DAYS = 28
ENOUGH = Floor(days=DAYS, sample=MIN_SAMPLE)
REACH = 1.96  # the normal quantile of 97.5 %: a window that rolls is not covered by the bar


@dataclass(frozen=True, slots=True)
class Lately:
    """A change over the days up to `until`: fractions with the sign of the data, the range a plain one."""

    change: float
    low: float
    high: float
    until: date


def changes_lately(
    pilot: PilotSpec, metric: MetricSpec, series: Series, scopes: Iterable[str], *, day: date
) -> Mapping[str, Lately]:
    """Estimate a metric's change over the last settled days of the stage, by scope, as a look at `day` would.

    A scope in which too little is known of these days has no entry.
    """
    until = day - timedelta(days=metric.maturity_days)
    since, baseline = until - timedelta(days=DAYS - 1), metric.baseline
    if baseline is None or not is_final(baseline) or since < pilot.running_stage.first_day:
        return {}
    grid = grid_of(metric, series, first=min(baseline.first_day, since), last=day)
    span = span_of(metric, baseline, first_day=since)
    known = {}
    for scope in scopes:
        [found] = estimate_looks(grid, span, [day], members(scope, grid.segments, pilot.dimensions))
        if lately := _lately(found, metric, until):
            known[scope] = lately
    return known


def _lately(found: Estimate, metric: MetricSpec, until: date) -> Lately | None:
    if shortfall(found, ENOUGH, cadence_days=metric.cadence_days, blocked=None):
        return None
    change, low, high = (fraction(found.change + side * REACH * found.error) for side in (0, -1, 1))
    if change is None or low is None or high is None:
        return None
    return Lately(change, low, high, until)


def lately_words(lately: Lately) -> str:
    size = f"{percent(lately.change)} {way_words(lately.change)}" if lately.change else "no change"
    window = f"Over the last {DAYS} days, to {on(lately.until)}"
    return (
        f"{window}: {size} ({range_words(lately.low, lately.high)}). "
        "This is information; no verdict follows from it."
    )
