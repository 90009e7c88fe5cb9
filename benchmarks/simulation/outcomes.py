"""What became of a scenario's pilots: how many were called, and on which day first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from benchmarks.simulation.interval_calls import interval_calls
from benchmarks.simulation.plain_thresholds import Calls, plain_calls
from benchmarks.simulation.scenarios import Goal, Scenario
from benchmarks.simulation.worlds import simulate

IMPROVE_BY = WORSEN_BY = 0.05
CALLS = ("scale_up", "stop", "driver", "week_scale_up", "week_stop", "so_far_scale_up", "so_far_stop")
FirstDays = Mapping[str, NDArray[np.int64]]  # by call: each trial's first day, 0 for never


@dataclass(frozen=True, slots=True)
class Share:
    """The share of pilots that were called, and the median day on which they were."""

    called: int
    trials: int
    median_day: float | None

    @property
    def share(self) -> float:
        return self.called / self.trials

    @property
    def error(self) -> float:
        """Return the Monte-Carlo standard error of the share."""
        return float(np.sqrt(self.share * (1 - self.share) / self.trials))


Outcome = Mapping[str, Share]


def play(scenario: Scenario, *, trials: int, seed: int, part: int) -> FirstDays:
    """Draw some pilots of a scenario and judge each of them on every day of its pilot."""
    random = np.random.default_rng((seed, crc32(scenario.name.encode()), part))
    drawn = scenario.mishap(simulate(scenario.world, trials=trials, random=random), random)
    limits = {"improve_by": IMPROVE_BY, "worsen_by": WORSEN_BY}
    calls = (
        *interval_calls(drawn, scenario, **limits),
        *plain_calls(drawn, window_days=7, **limits),
        *plain_calls(drawn, window_days=None, **limits),
    )
    return dict(zip(CALLS, map(_first_days, calls), strict=True))


def _first_days(calls: Calls) -> NDArray[np.int64]:
    return np.asarray(calls.argmax(axis=1))  # day 0 is never called


def summarised(parts: Iterable[FirstDays]) -> Outcome:
    held = list(parts)
    return {call: _share(np.concatenate([part[call] for part in held])) for call in CALLS}


def _share(days: NDArray[np.int64]) -> Share:
    called = days[days > 0]
    return Share(len(called), len(days), float(np.median(called)) if len(called) else None)


def missed_goals(scenario: Scenario, outcome: Outcome) -> list[str]:
    """Name what an outcome does not hold."""
    asked: dict[str, Goal | None] = {
        "scale_up": scenario.scale_up,
        "stop": scenario.stop,
        "driver": scenario.driver,
    }
    missed = [
        f"{call} {outcome[call].share:.1%}, asked {goal}"
        for call, goal in asked.items()
        if goal and not goal.is_met(outcome[call].share, outcome[call].trials)
    ]
    day, within = outcome["driver"].median_day, scenario.driver_within
    if within and (day is None or day > within):
        missed.append(f"driver seen on day {day}, asked {within}")
    return missed
