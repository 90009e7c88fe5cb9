from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from benchmarks.simulation.interval_calls import interval_calls
from benchmarks.simulation.mishaps import Mishap, days_late, missing_days, none, wrong_unit
from benchmarks.simulation.plain_thresholds import Calls
from benchmarks.simulation.readings import END, START, described, revisions
from benchmarks.simulation.scenarios import Scenario
from benchmarks.simulation.worlds import EASIER, Trials, World, simulate
from pilots.evaluation.backtest import replay
from pilots.evaluation.results import PilotResult
from pilots.evaluation.vocabulary import DriverState, Verdict

LIMITS = {"improve_by": 0.05, "worsen_by": 0.05}


def first_days(results: Sequence[PilotResult]) -> tuple[int, int, int]:
    """The first day of scale-up, of stop and of a mix that moved; 0 for never."""
    verdicts = [result.verdict for result in results]
    moved = [result.drivers[0].state is DriverState.MOVED for result in results]
    return (
        _first([verdict is Verdict.SCALE_UP for verdict in verdicts]),
        _first([verdict is Verdict.STOP for verdict in verdicts]),
        _first(moved),
    )


def _first(called: Sequence[bool]) -> int:
    return called.index(True) + 1 if True in called else 0


def replayed(scenario: Scenario, trials: Trials, trial: int) -> tuple[int, int, int]:
    pilot = described(scenario.world, maturity_days=scenario.maturity_days, **LIMITS)
    return first_days(list(replay(pilot, revisions(trials, trial), first=START, last=END)))


@pytest.mark.parametrize(
    ("world", "mishap", "maturity_days"),
    [
        pytest.param(World(effect=-0.15), none, 0, id="an improvement"),
        pytest.param(World(effect=0.2, mix=EASIER), none, 0, id="a harm hidden by easier cases"),
        pytest.param(World(effect=-0.2), wrong_unit(share=0.1, factor=1 / 60), 0, id="days in a wrong unit"),
        pytest.param(World(effect=-0.15, slow_cases_last=True), none, 7, id="slow cases last"),
        pytest.param(World(effect=-0.2, drift=0.2, has_control=True), none, 0, id="a control arm"),
        pytest.param(World(kind="rate", effect=-0.25), missing_days(share=0.1), 0, id="a rate with gaps"),
        pytest.param(World(effect=-0.2), days_late(at_most=1), 0, id="days that come late"),
    ],
)
def test_the_batch_calls_what_a_replay_calls(world: World, mishap: Mishap, maturity_days: int) -> None:
    random = np.random.default_rng(3)
    trials = mishap(simulate(world, trials=1, random=random), random)
    scenario = Scenario("a story", world, maturity_days=maturity_days)
    calls: Sequence[Calls] = interval_calls(trials, scenario, **LIMITS)
    assert tuple(int(call.argmax(axis=1)[0]) for call in calls) == replayed(scenario, trials, 0)
