from __future__ import annotations

import numpy as np
import pytest

from benchmarks.simulation.outcomes import CALLS, FirstDays, missed_goals, play, summarised
from benchmarks.simulation.scenarios import NEVER, RARE, SCENARIOS, SURE, Goal, Scenario
from benchmarks.simulation.worlds import EASIER, World


@pytest.mark.parametrize(
    ("goal", "share", "met"),
    [
        pytest.param(RARE, 0.05, True, id="on the limit"),
        pytest.param(RARE, 0.07, True, id="beyond it by less than two errors of 400 pilots"),
        pytest.param(RARE, 0.08, False, id="beyond it by more"),
        pytest.param(SURE, 0.83, True, id="short of it by less than two errors"),
        pytest.param(SURE, 0.80, False, id="short of it by more"),
        pytest.param(NEVER, 0.0025, True, id="none per 100"),
        pytest.param(NEVER, 0.0075, False, id="no error is allowed where none may happen"),
    ],
)
def test_a_goal_allows_two_monte_carlo_errors(goal: Goal, share: float, *, met: bool) -> None:
    assert goal.is_met(share, trials=400) is met


def days(**called: list[int]) -> FirstDays:
    return {call: np.array(called.get(call, [0, 0, 0, 0])) for call in CALLS}


def test_parts_are_put_together_and_never_called_is_no_day() -> None:
    outcome = summarised([days(stop=[0, 9, 0, 20]), days(stop=[0, 0, 0, 13])])
    assert (outcome["stop"].called, outcome["stop"].trials, outcome["stop"].median_day) == (3, 8, 13)
    assert (outcome["scale_up"].share, outcome["scale_up"].median_day) == (0.0, None)


def test_a_mix_seen_too_late_is_a_missed_goal() -> None:
    scenario = Scenario("easier cases", World(mix=EASIER), driver=SURE, driver_within=7)
    assert missed_goals(scenario, summarised([days(driver=[7, 7, 8, 6])])) == []
    assert missed_goals(scenario, summarised([days(driver=[8, 9, 8, 12])])) == [
        "driver seen on day 8.5, asked 7"
    ]


def test_a_missed_goal_names_the_share_and_what_was_asked() -> None:
    outcome = summarised([days(scale_up=[14, 0, 0, 0])])
    assert missed_goals(Scenario("worse", World(), scale_up=NEVER), outcome) == [
        "scale_up 25.0%, asked ≤ 0.5%"
    ]


def test_the_same_seed_plays_the_same_pilots() -> None:
    scenario = SCENARIOS[0]
    first, second = (play(scenario, trials=2, seed=1, part=0) for _ in range(2))
    assert all(np.array_equal(first[call], second[call]) for call in CALLS)


def test_scenarios_are_told_apart_by_name() -> None:
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS)
