from __future__ import annotations

import numpy as np
import pytest

from benchmarks.simulation.worlds import (
    BASELINE_DAYS,
    EASIER,
    HARDER,
    PILOT_DAYS,
    SHARES,
    Cases,
    Numbers,
    Trials,
    World,
    is_weekend,
    simulate,
)


def drawn(world: World, trials: int = 40) -> Trials:
    return simulate(world, trials=trials, random=np.random.default_rng(7))


def means(cases: Cases) -> Numbers:
    """The mean of all cases by segment, over trials and days."""
    return np.asarray(cases.total.sum(axis=(0, 1)) / cases.n.sum(axis=(0, 1)))


def mean(cases: Cases) -> float:
    return float(cases.total.sum() / cases.n.sum())


def test_where_nothing_changes_pilot_and_baseline_have_the_same_level() -> None:
    trials = drawn(World())
    assert means(trials.pilot) == pytest.approx(means(trials.baseline), rel=0.02)


@pytest.mark.parametrize("spread", [1.0, 1.5])
def test_lognormal_cases_vary_as_their_log_sd_says(spread: float) -> None:
    baseline = drawn(World(spread=spread, day_spread=0, weekend_level=1.0), trials=100).baseline
    n, total, total_sq = (x.sum(axis=(0, 1)) for x in (baseline.n, baseline.total, baseline.total_sq))
    cv_sq = total_sq / n / (total / n) ** 2 - 1
    assert cv_sq == pytest.approx(np.full(3, np.exp(spread**2) - 1), rel=0.25)


def test_a_rate_counts_successes() -> None:
    baseline = drawn(World(kind="rate")).baseline
    assert np.array_equal(baseline.total, baseline.total_sq)
    assert (baseline.total <= baseline.n).all()


def test_an_effect_changes_the_pilot_and_not_the_baseline() -> None:
    plain, treated = drawn(World()), drawn(World(effect=-0.15))
    assert means(treated.pilot) == pytest.approx(0.85 * means(plain.pilot))
    assert means(treated.baseline) == pytest.approx(means(plain.baseline))


def test_an_effect_may_begin_later() -> None:
    plain, treated = drawn(World()), drawn(World(effect=0.2, effect_from=31))
    assert mean(treated.pilot.days(0, 30)) == pytest.approx(mean(plain.pilot.days(0, 30)))
    assert mean(treated.pilot.days(30, 90)) == pytest.approx(1.2 * mean(plain.pilot.days(30, 90)))


@pytest.mark.parametrize(("mix", "change"), [(EASIER, -0.25), (HARDER, 0.25)])
def test_a_mix_moves_the_raw_mean_by_a_quarter_and_no_segment(mix: tuple[float, ...], change: float) -> None:
    trials = drawn(World(mix=mix), trials=100)
    assert mean(trials.pilot) / mean(trials.baseline) - 1 == pytest.approx(change, abs=0.02)
    assert means(trials.pilot) == pytest.approx(means(trials.baseline), rel=0.02)


def test_a_mix_that_moves_slowly_is_half_way_after_half_its_days() -> None:
    pilot = drawn(World(mix=EASIER, mix_days=60), trials=100).pilot
    middle = pilot.n[:, 26:33].sum(axis=(0, 1))
    expected = (np.array(SHARES) + np.array(EASIER)) / 2
    assert middle / middle.sum() == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("persistence", [0.6, 0.8])
def test_neighbouring_days_resemble_each_other_as_asked(persistence: float) -> None:
    world = World(day_spread=0.3, persistence=persistence, spread=0.1, weekend_level=1.0)
    pilot = drawn(world, trials=100).pilot
    level = np.log(pilot.total.sum(axis=2) / pilot.n.sum(axis=2))
    off = level - level.mean()
    assert (off[:, 1:] * off[:, :-1]).mean() / (off**2).mean() == pytest.approx(persistence, abs=0.06)


def test_weekends_bring_fewer_cases_of_another_level() -> None:
    baseline, weekend = drawn(World()).baseline, is_weekend(BASELINE_DAYS)
    by_day = baseline.n.sum(axis=(0, 2))
    assert by_day[weekend].mean() / by_day[~weekend].mean() == pytest.approx(0.4, abs=0.02)
    level = baseline.total.sum(axis=(0, 2)) / by_day
    assert level[weekend].mean() / level[~weekend].mean() == pytest.approx(1.15, abs=0.04)


def test_a_control_arm_drifts_along_and_is_not_treated() -> None:
    trials = drawn(World(effect=-0.3, drift=-0.2, has_control=True), trials=100)
    assert trials.control is not None
    last = slice(PILOT_DAYS - 10, PILOT_DAYS)
    for arm, expected in ((trials.control, 0.8), (trials.pilot, 0.8 * 0.7)):
        late = arm.total[:, last].sum() / arm.n[:, last].sum()
        assert late / mean(trials.baseline) == pytest.approx(expected, rel=0.04)


def test_slow_cases_are_known_last() -> None:
    trials = drawn(World(slow_cases_last=True))
    counts = [cases.n.sum() for cases in trials.arrivals]
    assert counts == sorted(counts)
    assert mean(trials.arrivals[0]) < 0.5 * mean(trials.pilot)


def test_a_look_knows_of_each_day_what_has_arrived_by_then() -> None:
    trials = drawn(World(slow_cases_last=True), trials=3)
    known = trials.known(40)
    assert known.n.shape == (3, 40, 3)
    assert np.array_equal(known.total[:, 39], trials.arrivals[0].total[:, 39])
    assert np.array_equal(known.total[:, 36], trials.arrivals[3].total[:, 36])
    assert np.array_equal(known.total[:, 5], trials.pilot.total[:, 5])


def test_the_same_seed_draws_the_same_pilots() -> None:
    first, second = drawn(World(), trials=2), drawn(World(), trials=2)
    assert np.array_equal(first.pilot.total_sq, second.pilot.total_sq)
