"""What every look of a replay sees, worked out for many of its days at once."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from pilots.evaluation.days import days_between, end_of_day
from pilots.evaluation.estimates import Estimate
from pilots.evaluation.grids import AccountRow, Grid, estimate_looks, ledger_of, span_of
from pilots.evaluation.mix_grids import estimate_mix, mix_key
from pilots.evaluation.rules import is_by_interval, parts_of
from pilots.evaluation.scopes import expand_scopes, is_known, members
from pilots.evaluation.series import Series
from pilots.evaluation.specs import AccountSum, BaselineSpec, DriverSpec, MetricSpec, PilotSpec, Reading
from pilots.evaluation.stacks import Floats
from pilots.evaluation.vocabulary import Arm, Method, MetricKind

AT_ONCE = 120  # looks in one batch, so that a long replay stays small

Sights = dict[tuple[str, str], dict[date, Estimate]]  # by metric and scope: every look to be judged


@dataclass(frozen=True, slots=True)
class Arrived:
    """What became known on one day, in order."""

    readings: list[Reading] = field(default_factory=list)
    accounts: list[AccountSum] = field(default_factory=list)

    def teach(self, series: Series) -> list[Reading]:
        """Let a series learn it all; return the readings that were news."""
        for added in self.accounts:
            series.learn_account(added)
        return [reading for reading in self.readings if series.learn(reading)]


def arrivals_by_day(
    pilot: PilotSpec, revisions: Iterable[Reading], accounts: Iterable[AccountSum], days: Sequence[date]
) -> list[Arrived]:
    """Sort what is known into the days of a replay; what came before the first day counts on it."""
    arrivals = [Arrived() for _ in days]
    ends = [end_of_day(day, pilot.timezone) for day in days]
    for reading in sorted(revisions, key=lambda r: r.as_of):
        if reading.as_of <= ends[-1]:
            arrivals[bisect_left(ends, reading.as_of)].readings.append(reading)
    for added in sorted(accounts, key=lambda a: a.as_of):
        if added.as_of <= ends[-1]:
            arrivals[bisect_left(ends, added.as_of)].accounts.append(added)
    return arrivals


def foresee(pilot: PilotSpec, arrivals: Sequence[Arrived], days: Sequence[date]) -> list[Sights]:
    """Return, for each day of a replay, what its look sees of each metric and scope judged by intervals.

    Where readings of earlier days arrive, the looks that saw those days see them again.
    """
    sights: list[Sights] = [{} for _ in days]
    films = [film for metric in pilot.metrics if (film := _film_of(pilot, metric, arrivals, days))]
    series = Series()
    for number, day in enumerate(days if films else ()):
        news = arrivals[number].teach(series)
        for film in films:
            film.expose(number, day, news, arrivals[number].accounts)
            if film.is_full or number == len(days) - 1:
                film.develop(sights)
    return sights


@dataclass(slots=True)
class _Film:
    """A metric's cases as each look knew them: the newest frame, and those not yet developed."""

    pilot: PilotSpec
    metric: MetricSpec
    baseline: BaselineSpec
    scopes: Sequence[str]
    drivers: Sequence[DriverSpec]  # whose mix may move the metric
    first_look: date
    grid: Grid  # with the newest frame
    frames: dict[Arm, list[Floats]] = field(default_factory=dict)
    looks: list[tuple[int, date]] = field(default_factory=list)  # on which day of the replay, at what day
    seen_in: list[int] = field(default_factory=list)  # how many looks share each frame
    rows: dict[Arm, list[AccountRow]] = field(default_factory=dict)
    known: dict[Arm, list[int]] = field(default_factory=dict)

    @property
    def is_full(self) -> bool:
        return len(self.looks) >= AT_ONCE

    def expose(self, number: int, day: date, news: Iterable[Reading], accounts: Iterable[AccountSum]) -> None:
        """Take the frame of one more day, and note which looks have to see it."""
        learnt = [reading for reading in news if reading.metric == self.metric.ref]
        for reading in learnt:
            self.grid.learn(reading, self.baseline)
        for added in accounts:
            if added.metric == self.metric.ref and (row := self.grid.account_row(added)):
                self.rows.setdefault(added.arm, []).append(row)
        first = day if day == self.first_look else min((day, *(reading.day for reading in learnt)))
        looks = days_between(max(first, self.first_look), day)
        self.looks.extend((number, look) for look in looks)
        self.seen_in.append(len(looks))
        for arm, cases in self.grid.arms.items():
            self.frames.setdefault(arm, []).append(cases.copy())
            self.known.setdefault(arm, []).extend([len(self.rows.get(arm, ()))] * len(looks))

    def develop(self, sights: list[Sights]) -> None:
        """Add what the looks see of each scope, and forget their frames."""
        arms = {arm: np.concatenate(frames, axis=-1) for arm, frames in self.frames.items()}
        arms = {arm: np.repeat(frames, self.seen_in, axis=-1) for arm, frames in arms.items()}
        ledgers = {arm: ledger_of(rows, known=self.known[arm]) for arm, rows in self.rows.items()}
        grid = Grid(self.grid.first_day, self.grid.segments, arms, ledgers)
        span = span_of(self.metric, self.baseline, first_day=self.pilot.running_stage.first_day)
        for scope in self.scopes:
            segments = members(scope, grid.segments, self.pilot.dimensions)
            estimates = estimate_looks(grid, span, [look for _, look in self.looks], segments)
            self._note(scope, estimates, sights)
        for driver in self.drivers:
            looks = [look for _, look in self.looks]
            self._note(
                mix_key(driver), estimate_mix(grid, span, driver, self.pilot.dimensions, looks), sights
            )
        self.frames, self.looks, self.seen_in, self.known = {}, [], [], {}

    def _note(self, name: str, estimates: Sequence[Estimate], sights: list[Sights]) -> None:
        for (number, look), estimate in zip(self.looks, estimates, strict=True):
            sights[number].setdefault((self.metric.ref, name), {})[look] = estimate


def _film_of(
    pilot: PilotSpec, metric: MetricSpec, arrivals: Sequence[Arrived], days: Sequence[date]
) -> _Film | None:
    scopes = interval_scopes(pilot, metric)
    drivers = [driver for driver in pilot.drivers if driver.dimension and metric.kind is not MetricKind.TOTAL]
    if metric.baseline is None or not (scopes or drivers):
        return None
    readings = [r for arrived in arrivals for r in arrived.readings if r.metric == metric.ref]
    grid = Grid.empty(
        first_day=min(metric.baseline.first_day, pilot.running_stage.first_day),
        last_day=days[-1],
        segments={r.segment for r in (*readings, *metric.baseline.daily)},
        arms={r.arm for r in readings},
    )
    grid.freeze(metric.baseline)
    return _Film(pilot, metric, metric.baseline, scopes, drivers, days[0], grid)


def interval_scopes(pilot: PilotSpec, metric: MetricSpec) -> list[str]:
    """Return every scope of a metric that some rule judges by intervals."""
    conditions = [c for c in pilot.conditions if c.metric == metric.ref and c.method is Method.INTERVAL]
    parts = (
        part
        for condition in conditions
        if is_by_interval(condition, metric)
        for scope in expand_scopes(condition, pilot.dimensions)
        if is_known(scope, pilot.dimensions)
        for part in parts_of(condition, scope, pilot)
    )
    return list(dict.fromkeys(parts))
