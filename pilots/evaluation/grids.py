"""A metric's readings as arrays, and the batch of looks that they make."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np

from pilots.evaluation.arithmetic import masked
from pilots.evaluation.batches import Columns, estimate_all
from pilots.evaluation.estimates import FLAWS, NO_CASES_EVER, PLAIN, Estimate, Scale
from pilots.evaluation.series import Series
from pilots.evaluation.specs import AccountSum, BaselineSpec, MetricSpec, Reading
from pilots.evaluation.stacks import AccountCases, Batch, Flags, Floats, Ints, Stack
from pilots.evaluation.vocabulary import Arm, MetricKind
from pilots.evaluation.windows import SATURDAY, Cell, Spot

SCALES = {
    MetricKind.RATE: Scale(screened=False, signed=False),
    MetricKind.GEOMETRIC_MEAN: Scale(logs=True, signed=False),
}
NUMBERS = ("change", "raw", "v", "v_base", "deff", "error", "level", "base_level", "outside")
AccountRow = tuple[int, int, str, int, float]  # day, segment, account, cases, sum

COUNTS = ("n", "fewest", "base_n", "days", "reading_days", "base_days", "cells")


@dataclass(frozen=True, slots=True)
class Ledger:
    """Cases by account in order of arrival; `known` counts those that each look knows."""

    day: Ints
    segment: Ints
    account: Ints
    n: Floats
    total: Floats
    known: Ints


@dataclass(frozen=True, slots=True)
class Grid:
    """A metric's cases by arm: moment × segment × day × look, the days counted from `first_day`.

    The last axis is one where all looks know the same.
    """

    first_day: date
    segments: tuple[str, ...]
    arms: Mapping[Arm, Floats]
    accounts: Mapping[Arm, Ledger] = field(default_factory=dict)

    @classmethod
    def empty(
        cls, *, first_day: date, last_day: date, segments: Iterable[str], arms: Collection[Arm]
    ) -> Grid:
        named, days = tuple(sorted(set(segments))), (last_day - first_day).days + 1
        shape = (3, len(named), days, 1)
        return cls(first_day, named, {arm: np.zeros(shape) for arm in Arm if arm in {Arm.PILOT, *arms}})

    @property
    def days(self) -> int:
        return len(self.arms[Arm.PILOT][0, 0]) if self.segments else 0

    def place(self, day: date) -> int:
        return (day - self.first_day).days

    def put(self, reading: Reading) -> None:
        place, x = self.place(reading.day), reading.moments
        if reading.arm in self.arms and 0 <= place < self.days:
            cases = self.arms[reading.arm]
            cases[:, self.segments.index(reading.segment), place, 0] = (x.n, x.total, x.total_sq)

    def freeze(self, baseline: BaselineSpec) -> None:
        """Put the frozen readings of a baseline in the place of those that are known now."""
        if baseline.daily:
            window = slice(self.place(baseline.first_day), self.place(baseline.last_day) + 1)
            for cases in self.arms.values():
                cases[:, :, window] = 0.0
            for reading in baseline.daily:
                self.put(reading)

    def learn(self, reading: Reading, baseline: BaselineSpec) -> None:
        """Put a reading in its place, unless its day is frozen."""
        if not (baseline.daily and baseline.first_day <= reading.day <= baseline.last_day):
            self.put(reading)

    def account_row(self, added: AccountSum) -> AccountRow | None:
        place = self.place(added.day)
        if added.segment not in self.segments or not 0 <= place < self.days:
            return None
        return place, self.segments.index(added.segment), added.account, added.n, added.total


@dataclass(frozen=True, slots=True)
class Span:
    """What looks have in common: the stage's first day, the baseline, how long a day takes to settle."""

    first_day: date
    baseline: BaselineSpec
    maturity_days: int = 0
    scale: Scale = PLAIN
    settled_spread: bool = False  # how days hang together is learnt from the baseline alone


def span_of(metric: MetricSpec, baseline: BaselineSpec, *, first_day: date) -> Span:
    return Span(first_day, baseline, metric.maturity_days, SCALES.get(metric.kind, PLAIN))


def grid_of(metric: MetricSpec, series: Series, *, first: date, last: date) -> Grid:
    """Lay out what a series knows of a metric from one day to another; frozen baseline days are as frozen."""
    frozen = metric.baseline.daily if metric.baseline else ()
    grid = Grid.empty(
        first_day=first,
        last_day=last,
        segments={*series.segments(metric.ref), *(reading.segment for reading in frozen)},
        arms=[arm for arm in Arm if series.rows(metric.ref, arm)],
    )
    places = {segment: place for place, segment in enumerate(grid.segments)}
    for arm, cases in grid.arms.items():
        for day, row in series.rows(metric.ref, arm).items():
            if first <= day <= last:
                for segment, x in row.items():
                    cases[:, places[segment], grid.place(day), 0] = (x.n, x.total, x.total_sq)
    if metric.baseline:
        grid.freeze(metric.baseline)
    return replace(grid, accounts=dict(_ledgers(metric, series, grid)))


def _ledgers(metric: MetricSpec, series: Series, grid: Grid) -> Iterator[tuple[Arm, Ledger]]:
    for arm in grid.arms:
        rows = [
            (grid.place(day), grid.segments.index(segment), account, x.n, x.total)
            for day, held in sorted(series.account_rows(metric.ref, arm).items())
            for segment, accounts in sorted(held.items())
            for account, x in sorted(accounts.items())
            if segment in grid.segments and 0 <= grid.place(day) < grid.days
        ]
        if rows:
            yield arm, ledger_of(rows, known=[len(rows)])


def ledger_of(rows: Sequence[AccountRow], *, known: Sequence[int]) -> Ledger:
    days, segments, names, n, totals = zip(*rows, strict=True)
    numbers = {name: number for number, name in enumerate(sorted(set(names)))}
    return Ledger(
        day=np.array(days),
        segment=np.array(segments),
        account=np.array([numbers[name] for name in names]),
        n=np.array(n, dtype=float),
        total=np.array(totals, dtype=float),
        known=np.array(known),
    )


def batch_of(grid: Grid, span: Span, looks: Sequence[date], segments: Sequence[str]) -> Batch:
    """Cut the windows of looks at some segments out of a grid."""
    places = np.array([grid.segments.index(segment) for segment in segments], dtype=int)
    look_days = np.array([(look - span.first_day).days + 1 for look in looks])
    after = slice(grid.place(span.first_day), grid.place(span.first_day) + max(int(look_days.max()), 1))
    baseline = slice(grid.place(span.baseline.first_day), grid.place(span.baseline.last_day) + 1)
    seen = np.arange(after.stop - after.start)[:, None] < look_days
    stacks = {
        arm: Stack(
            before=np.ascontiguousarray(cases[:, places, baseline]),
            after=masked(cases[:, places, after], seen),
            accounts_before=_accounts(grid, arm, places, baseline, len(looks)),
            accounts_after=_accounts(grid, arm, places, after, len(looks)),
        )
        for arm, cases in grid.arms.items()
    }
    return Batch(
        pilot=stacks[Arm.PILOT],
        before_weekend=_weekend(grid, baseline),
        after_weekend=_weekend(grid, after),
        before_days=np.array([span.baseline.days]),
        look_days=look_days,
        maturity_days=span.maturity_days,
        scale=span.scale,
        settled_spread=span.settled_spread,
        control=stacks.get(Arm.CONTROL),
    )


def estimate_looks(
    grid: Grid, span: Span, looks: Sequence[date], segments: Collection[str]
) -> list[Estimate]:
    """Estimate the change of some segments at each look."""
    ordered = sorted(segments)
    if not ordered or not looks:
        return [NO_CASES_EVER] * len(looks)
    with np.errstate(all="ignore"):  # sums that are too large are named, not warned of
        columns = estimate_all(batch_of(grid, span, looks, ordered))
    return estimates_of(columns, [(span.first_day, ordered)] * len(looks))


def _weekend(grid: Grid, days: slice) -> Flags:
    weekend: Flags = (grid.first_day.weekday() + np.arange(days.start, days.stop)) % 7 >= SATURDAY
    return weekend[:, None]


def _accounts(grid: Grid, arm: Arm, places: Ints, days: slice, looks: int) -> AccountCases | None:
    """Repeat what each look knows of the accounts in a window."""
    ledger = grid.accounts.get(arm)
    if ledger is None:
        return None
    known = np.broadcast_to(ledger.known, looks)
    look = np.repeat(np.arange(looks), known)
    entry = np.arange(len(look)) - np.repeat(np.cumsum(known) - known, known)
    position = np.full(len(grid.segments), -1)
    position[places] = np.arange(len(places))
    day, segment = ledger.day[entry] - days.start, position[ledger.segment[entry]]
    inside = (day >= 0) & (day < days.stop - days.start) & (segment >= 0)
    cases = AccountCases(look, day, segment, ledger.account[entry], ledger.n[entry], ledger.total[entry])
    return cases.only(inside)


def estimates_of(columns: Columns, windows: Sequence[tuple[date, Sequence[str]]]) -> list[Estimate]:
    """Turn columns into one estimate a look, each with its window's first day and its segments."""
    cells = zip(columns.thin_cell.tolist(), columns.thin_n.tolist(), windows, strict=True)
    aside: list[list[Spot]] = [[] for _ in windows]
    for look, day, segment in np.argwhere(columns.aside.transpose(2, 1, 0)).tolist():
        first_day, segments = windows[look]
        aside[look].append(Spot(first_day + timedelta(days=day), segments[segment]))
    fields = {name: getattr(columns, name).tolist() for name in NUMBERS}
    fields |= {name: getattr(columns, name).astype(int).tolist() for name in COUNTS}
    fields["thinnest"] = [_named(cell, n, segments) for cell, n, (_, segments) in cells]
    fields["aside"] = [tuple(sorted(spots)) for spots in aside]
    fields["merged"] = columns.merged.tolist()
    fields["flaw"] = [(*FLAWS, None)[flaw] for flaw in columns.flaw.tolist()]
    return [Estimate(**dict(zip(fields, row, strict=True))) for row in zip(*fields.values(), strict=True)]


def _named(cell: int, n: float, segments: Sequence[str]) -> tuple[Cell, int] | None:
    return None if cell < 0 else (Cell(segments[cell // 2], bool(cell % 2)), int(n))
