"""What goes wrong between cases and readings: wrong units, days that never come or come late."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from benchmarks.simulation.worlds import Random, Trials

Mishap = Callable[[Trials, Random], Trials]


def wrong_unit(*, share: float, factor: float) -> Mishap:
    """Report a share of the pilot's days in another unit (60: minutes for hours)."""

    def spoil(trials: Trials, random: Random) -> Trials:
        hit = random.uniform(size=trials.pilot.n.shape[:2]) < share
        spoilt = trials.pilot.times(np.where(hit, factor, 1.0)[:, :, None])
        return replace(trials, arrivals=(spoilt,))

    return spoil


def missing_days(*, share: float) -> Mishap:
    """Lose a share of all days, before the pilot and in it."""

    def spoil(trials: Trials, random: Random) -> Trials:
        before = random.uniform(size=trials.baseline.n.shape[:2]) >= share
        during = random.uniform(size=trials.pilot.n.shape[:2]) >= share
        return replace(
            trials,
            baseline=trials.baseline.where(before[:, :, None]),
            arrivals=(trials.pilot.where(during[:, :, None]),),
        )

    return spoil


def worst_days_missing(*, share: float) -> Mishap:
    """Lose the share of the pilot's days on which the cases took longest."""

    def spoil(trials: Trials, random: Random) -> Trials:
        means = trials.pilot.total.sum(axis=2) / np.maximum(trials.pilot.n.sum(axis=2), 1)
        kept = means <= np.quantile(means, 1 - share, axis=1, keepdims=True)
        return replace(trials, arrivals=(trials.pilot.where(kept[:, :, None]),))

    return spoil


def days_late(*, at_most: int) -> Mishap:
    """Let every day of the pilot become known up to so many days after its end."""

    def spoil(trials: Trials, random: Random) -> Trials:
        late = random.integers(0, at_most + 1, size=trials.pilot.n.shape[:2])[:, :, None]
        return replace(trials, arrivals=tuple(trials.pilot.where(late <= lag) for lag in range(at_most + 1)))

    return spoil


def none(trials: Trials, random: Random) -> Trials:
    return trials
