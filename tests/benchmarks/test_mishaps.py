from __future__ import annotations

import numpy as np
import pytest

from benchmarks.simulation.mishaps import Mishap, days_late, missing_days, worst_days_missing, wrong_unit
from benchmarks.simulation.worlds import Trials, World, simulate


def spoilt(mishap: Mishap) -> tuple[Trials, Trials]:
    """Pilots as they were, and what a mishap made of them."""
    random = np.random.default_rng(7)
    trials = simulate(World(), trials=40, random=random)
    return trials, mishap(trials, random)


def test_minutes_for_hours_come_on_whole_days_of_the_pilot() -> None:
    before, after = spoilt(wrong_unit(share=0.1, factor=60))
    ratio = after.pilot.total.sum(axis=2) / before.pilot.total.sum(axis=2)
    hit = np.isclose(ratio, 60)
    assert np.isclose(ratio[~hit], 1).all()
    assert hit.mean() == pytest.approx(0.1, abs=0.02)
    assert after.baseline is before.baseline


def test_squares_follow_the_unit() -> None:
    before, after = spoilt(wrong_unit(share=1.0, factor=60))
    assert after.pilot.total_sq == pytest.approx(3600 * before.pilot.total_sq)


def test_missing_days_miss_in_all_segments() -> None:
    _, after = spoilt(missing_days(share=0.2))
    for cases in (after.baseline, after.pilot):
        gone = cases.n.sum(axis=2) == 0
        assert gone.mean() == pytest.approx(0.2, abs=0.03)
        assert (cases.n[~gone].sum(axis=1) > 0).all()


def test_the_days_that_go_missing_are_the_worst() -> None:
    before, after = spoilt(worst_days_missing(share=0.15))
    means = before.pilot.total.sum(axis=2) / before.pilot.n.sum(axis=2)
    gone = after.pilot.n.sum(axis=2) == 0
    assert gone.mean() == pytest.approx(0.15, abs=0.02)
    for trial in range(len(means)):
        assert means[trial][gone[trial]].min() > means[trial][~gone[trial]].max()


def test_late_days_come_whole_and_within_their_time() -> None:
    before, after = spoilt(days_late(at_most=5))
    assert len(after.arrivals) == 6
    assert np.array_equal(after.pilot.n, before.pilot.n)
    arrived = [(cases.n.sum(axis=2) > 0).mean() for cases in after.arrivals]
    assert arrived == pytest.approx([1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6, 1], abs=0.02)
