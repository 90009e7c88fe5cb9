"""What must hold for the numbers to mean something, and whether it still does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from math import log, log2

from pilots.evaluation.baselines import baseline_moments
from pilots.evaluation.measures import relative_change
from pilots.evaluation.scopes import categories, members
from pilots.evaluation.series import Series
from pilots.evaluation.specs import ConditionMemory, DriverSpec, MetricSpec, PilotSpec
from pilots.evaluation.vocabulary import DriverState

MATERIAL_CHANGE = 0.1
ANCHOR_DAYS = 28
EMPTY_SHARE = 1e-4  # stands in for a share of nothing in the PSI, whose logarithm has no zero


@dataclass(frozen=True, slots=True)
class Impact:
    """What the mix alone does to a metric: fractions with the sign of the data, and from where it matters.

    `moved_on` is the day on which a move that matters was proven first, and no review has answered it.
    """

    metric: str
    name: str
    change: float
    low: float
    high: float
    limit: float
    moved_on: date | None = None
    memory: ConditionMemory | None = None

    @property
    def is_material(self) -> bool:
        return self.low * self.high > 0 and abs(self.change) >= self.limit


@dataclass(frozen=True, slots=True)
class Drift:
    """How far a driver is from where it was; `then` and `now` are shares by category.

    `psi` and `divergence` (Jensen-Shannon, in bits) say how far the shares lie apart. `valid_on` is
    the day on which a review found the shares of `then` still valid; none where they are the baseline's.
    """

    state: DriverState
    change: float | None = None
    then: Mapping[str, float] = field(default_factory=dict)
    now: Mapping[str, float] = field(default_factory=dict)
    psi: float | None = None
    divergence: float | None = None
    impact: Impact | None = None
    valid_on: date | None = None


def assess_driver(
    driver: DriverSpec,
    pilot: PilotSpec,
    series: Series,
    *,
    day: date,
    impact: Impact | None = None,
    moved_on: date | None = None,
) -> Drift:
    """Judge a driver on a day.

    A plain number moves by its relative change. The mix of a dimension is shown with its shares; it
    moves by what it does to a metric, of which its shares say nothing; from `moved_on` on it has.
    """
    drift = _mix_drift(driver, pilot, series, day=day) if driver.dimension else _number_drift(driver)
    if moved_on is not None:
        drift = replace(drift, state=DriverState.MOVED)
    if impact is not None:
        drift = replace(drift, change=impact.change, impact=impact)
    if drift.state is not DriverState.MOVED and is_update_due(driver, pilot, day=day):
        return replace(drift, state=DriverState.UPDATE_DUE)
    return drift


def update_due_on(driver: DriverSpec, pilot: PilotSpec) -> date | None:
    """Return the last day on which the driver's update is not late; a review that answers counts as one."""
    if driver.update_every_days is None:
        return None
    known = [day for day in (driver.updated_on, driver.answered_on) if day]
    return max(known, default=pilot.start) + timedelta(days=driver.update_every_days)


def is_update_due(driver: DriverSpec, pilot: PilotSpec, *, day: date) -> bool:
    due = update_due_on(driver, pilot)
    return due is not None and day > due


def _number_drift(driver: DriverSpec) -> Drift:
    change = relative_change(driver.current_value, driver.baseline_value)
    if change is None:
        return Drift(DriverState.UNKNOWN)
    limit = MATERIAL_CHANGE if driver.material_change is None else driver.material_change
    moved = abs(change) >= limit and change != 0 and not _is_answered(driver)
    return Drift(DriverState.MOVED if moved else DriverState.HOLDS, change)


def has_moved_number(driver: DriverSpec) -> bool:
    return not driver.dimension and _number_drift(driver).state is DriverState.MOVED


def _is_answered(driver: DriverSpec) -> bool:
    """Say whether a review looked at the driver on the day of its newest value, or since."""
    if driver.answered_on is None:
        return False
    return driver.updated_on is None or driver.answered_on >= driver.updated_on


def anchor_of(driver: DriverSpec, *, earliest: date) -> tuple[date, date] | None:
    """Return the first and last day of the mix that a review found still valid; nothing without one."""
    answer = driver.answered_on
    if answer is None:
        return None
    return min(max(answer - timedelta(days=ANCHOR_DAYS - 1), earliest), answer), answer


def _mix_drift(driver: DriverSpec, pilot: PilotSpec, series: Series, *, day: date) -> Drift:
    """Compare the shares of a dimension's categories before the pilot and in the running stage.

    Once a review found a mix still valid, compare that mix with the days after it.
    """
    for metric in pilot.metrics:
        before, after, valid_on = _compared(driver, metric, pilot, series, day=day)
        then = _shares(driver.dimension, pilot, before)
        now = _shares(driver.dimension, pilot, after)
        if then and now:
            psi, apart = _psi(then, now), _divergence(then, now)
            return Drift(DriverState.HOLDS, then=then, now=now, psi=psi, divergence=apart, valid_on=valid_on)
        if then and valid_on:
            return Drift(DriverState.HOLDS, then=then, valid_on=valid_on)
    return Drift(DriverState.UNKNOWN)


def _compared(
    driver: DriverSpec, metric: MetricSpec, pilot: PilotSpec, series: Series, *, day: date
) -> tuple[Mapping[str, int], Mapping[str, int], date | None]:
    """Return a metric's cases by segment then and now, and the day of the answer that set the then."""
    first_day = pilot.running_stage.first_day
    earliest = min(metric.baseline.first_day, first_day) if metric.baseline else first_day
    anchor = anchor_of(driver, earliest=earliest)
    if anchor is None or anchor[1] > day:
        before = {segment: m.n for segment, m in baseline_moments(metric, series).items()}
        return before, series.cases(metric.ref, first=first_day, last=day), None
    since, answer = anchor
    now = series.cases(metric.ref, first=max(first_day, answer + timedelta(days=1)), last=day)
    return series.cases(metric.ref, first=since, last=answer), now, answer


def _shares(dimension: str, pilot: PilotSpec, cases: Mapping[str, int]) -> dict[str, float]:
    """Return the share of each category of a dimension among cases counted by segment."""
    names = pilot.dimensions.get(dimension, ())
    scopes = categories(dimension, pilot.dimensions)
    counts = [sum(cases[s] for s in members(scope, cases, pilot.dimensions)) for scope in scopes]
    total = sum(counts)
    return {name: n / total for name, n in zip(names, counts, strict=True)} if total else {}


def _psi(then: Mapping[str, float], now: Mapping[str, float]) -> float:
    """Return the population stability index of two mixes of the same categories."""
    shares = ((max(then[name], EMPTY_SHARE), max(now[name], EMPTY_SHARE)) for name in then)
    return sum((after - before) * log(after / before) for before, after in shares)


def _divergence(then: Mapping[str, float], now: Mapping[str, float]) -> float:
    """Return the Jensen-Shannon divergence of two mixes of the same categories, from 0 to 1."""
    between = {name: (then[name] + now[name]) / 2 for name in then}
    return sum(
        share[name] * log2(share[name] / between[name]) / 2
        for share in (then, now)
        for name in then
        if share[name]
    )
