"""Worlds of known truth: daily aggregates of pilots in which nothing, or something named, changed.

Three segments differ fourfold in level, weekends bring two fifths of the cases, and every day has an
effect of its own that all its cases share. Arrays are trials × days × segments.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Random = np.random.Generator

SEGMENTS = ("small", "middle", "large")
BASELINE_DAYS, PILOT_DAYS = 56, 90
LEVELS = np.array([10.0, 20.0, 40.0])  # hours a case
RATES = np.array([0.08, 0.14, 0.28])
SHARES = (0.5, 0.3, 0.2)
EASIER = (0.72, 0.205, 0.075)  # the raw mean falls by 25 %, though no segment changes
HARDER = (0.33, 0.32, 0.35)  # the raw mean rises by 25 %
WEEKEND_CASES = 0.4
DAY_SPREAD = 0.04
LAST_LAG = 14
FIELDS = ("n", "total", "total_sq")


@dataclass(frozen=True, slots=True)
class World:
    """What is true in a pilot and how its cases fall. Changes are fractions (−.15: 15 % lower).

    `spread` is the log-sd of a case (lognormal), its standard deviation over its mean (normal), and
    unused by a rate. `day_spread` is the log-sd of a day's own effect, `persistence` its
    autocorrelation from day to day. `mix_days` is how long the mix takes to get to `mix`, from
    pilot day `mix_from` on. `drift` is how far the level of every arm wanders over the pilot.
    """

    kind: str = "lognormal"
    spread: float = 1.0
    cases: float = 200.0
    day_spread: float = DAY_SPREAD
    persistence: float = 0.6
    weekend_level: float = 1.15
    effect: float = 0.0
    effect_from: int = 1  # day of the pilot
    mix: tuple[float, ...] = SHARES
    mix_from: int = 1
    mix_days: int = 0
    mix_wobble: float = 0.0  # log-sd by which a day's mix strays from the true one, as persistent as the days
    drift: float = 0.0
    has_control: bool = False
    slow_cases_last: bool = False  # a case is known once it is solved, not on its day


@dataclass(frozen=True, slots=True)
class Cases:
    """Count, sum and sum of squares of the cases of trials × days × segments."""

    n: Numbers
    total: Numbers
    total_sq: Numbers

    def days(self, start: int, stop: int) -> Cases:
        return Cases(self.n[:, start:stop], self.total[:, start:stop], self.total_sq[:, start:stop])

    def where(self, kept: NDArray[Any]) -> Cases:
        """Return the cases with those outside `kept` gone."""
        return Cases(self.n * kept, self.total * kept, self.total_sq * kept)

    def times(self, factor: Numbers) -> Cases:
        return Cases(self.n, self.total * factor, self.total_sq * factor**2)


@dataclass(frozen=True, slots=True)
class Trials:
    """Pilots of one world, 56 days before and 90 days of pilot each.

    `arrivals` holds what is known of the pilot's days 0, 1, 2, … days after each; the last is the truth.
    """

    baseline: Cases
    arrivals: tuple[Cases, ...]
    control_baseline: Cases | None = None
    control: Cases | None = None

    @property
    def pilot(self) -> Cases:
        return self.arrivals[-1]

    def known(self, day: int) -> Cases:
        """Return the cases of the first `day` days of the pilot as known at the end of the last of them."""
        ages = np.arange(day)[::-1]
        lag = np.minimum(ages, len(self.arrivals) - 1)
        columns = (np.stack([getattr(a, name)[:, :day] for a in self.arrivals]) for name in FIELDS)
        return Cases(*(column[lag, :, np.arange(day)].swapaxes(0, 1) for column in columns))


def simulate(world: World, *, trials: int, random: Random) -> Trials:
    """Draw pilots of a world: 56 days before, 90 days of pilot, both from a Monday on."""
    days = BASELINE_DAYS + PILOT_DAYS
    shared = _day_effects(world, trials, days, random) * _drift(world)[None, :]
    treated = np.where(_pilot_day() < world.effect_from, 1.0, 1.0 + world.effect)
    arrivals = _draw(world, shared * treated, _shares(world, trials, random), random)
    control = _draw(world, shared, _shares(world, trials, random), random)[-1] if world.has_control else None
    return Trials(
        baseline=arrivals[-1].days(0, BASELINE_DAYS),
        arrivals=tuple(known.days(BASELINE_DAYS, days) for known in arrivals),
        control_baseline=control.days(0, BASELINE_DAYS) if control else None,
        control=control.days(BASELINE_DAYS, days) if control else None,
    )


def _day_effects(world: World, trials: int, days: int, random: Random) -> Numbers:
    """Draw the effect of each day on all its cases, of mean 1."""
    state = _wandering((trials, days), world.persistence, random)
    return np.exp(world.day_spread * state - world.day_spread**2 / 2)


def _wandering(shape: tuple[int, ...], persistence: float, random: Random) -> Numbers:
    """Draw stationary AR(1) states of variance 1; the days are the second axis."""
    shocks = random.normal(size=shape)
    state = shocks.copy()
    for day in range(1, shape[1]):
        state[:, day] = persistence * state[:, day - 1] + sqrt(1 - persistence**2) * shocks[:, day]
    return state


def _drift(world: World) -> Numbers:
    """Return the level's way from the pilot's first day to its last."""
    return np.asarray((1 + world.drift) ** (np.clip(_pilot_day(), 0, None) / PILOT_DAYS))


def _shares(world: World, trials: int, random: Random) -> Numbers:
    """Return each day's mix: the baseline's, and from `mix_from` on its way to the new one."""
    way = np.clip((_pilot_day() - world.mix_from + 1) / max(world.mix_days, 1), 0, 1)[:, None]
    shares = (1 - way) * np.array(SHARES) + way * np.array(world.mix)
    strayed = shares * np.exp(
        world.mix_wobble * _wandering((trials, *shares.shape), world.persistence, random)
    )
    return np.asarray(strayed / strayed.sum(axis=2, keepdims=True))


def _pilot_day() -> NDArray[np.int64]:
    """Return every day's number in the pilot, from 1; 0 and below lie before it."""
    return np.arange(BASELINE_DAYS + PILOT_DAYS) - BASELINE_DAYS + 1


def is_weekend(days: int = BASELINE_DAYS + PILOT_DAYS) -> NDArray[np.bool_]:
    """Return which days from a Monday on lie at a weekend."""
    return np.arange(days) % 7 >= 5


def _draw(world: World, level: Numbers, shares: Numbers, random: Random) -> tuple[Cases, ...]:
    """Draw the cases of every day and segment, as known on each of the days that follow."""
    weekend = is_weekend()[None, :, None]
    volume = world.cases * np.where(weekend, WEEKEND_CASES, 1.0) * shares
    n = random.poisson(volume)
    level = level[:, :, None] * np.where(weekend, world.weekend_level, 1.0)
    if world.kind == "rate":
        hits = random.binomial(n, np.clip(level * RATES, 0, 1)).astype(float)
        return (Cases(n.astype(float), hits, hits),)
    means = np.broadcast_to(level * LEVELS, n.shape).ravel()
    cell = np.repeat(np.arange(n.size), n.ravel())
    value = means[cell] * _case_factors(world, cell.size, random)
    if not world.slow_cases_last:
        return (_added_up(cell, value, n.shape),)
    solved = np.floor(value / 24 + random.uniform(size=value.size))  # days after the day it was opened
    lags = (*range(LAST_LAG), np.inf)
    return tuple(_added_up(cell[solved <= lag], value[solved <= lag], n.shape) for lag in lags)


def _case_factors(world: World, size: int, random: Random) -> Numbers:
    """Draw what a case is of its day's mean, itself of mean 1."""
    z = random.standard_normal(size)
    if world.kind == "normal":
        return 1 + world.spread * z
    return np.exp(world.spread * z - world.spread**2 / 2)


def _added_up(cell: NDArray[np.int64], value: Numbers, shape: tuple[int, ...]) -> Cases:
    weights = (np.ones_like(value), value, value**2)
    sums = (np.bincount(cell, weight, int(np.prod(shape))) for weight in weights)
    return Cases(*(np.asarray(x, dtype=float).reshape(shape) for x in sums))
