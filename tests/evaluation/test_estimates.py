"""The plain reference against small examples worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from math import exp, log, log1p, sqrt

import pytest

from pilots.evaluation.dependence import (
    design_effect,
    first_order_effect,
    long_run_effect,
    persistence,
    standard_error,
)
from pilots.evaluation.estimates import Estimate, Scale, estimate
from pilots.evaluation.moments import Moments
from pilots.evaluation.standardising import Standard
from pilots.evaluation.windows import Cell, Day, Sample, Spot, Window

MONDAY = date(2026, 1, 5)


def group(*values: float) -> Moments:
    return Moments(len(values), sum(values), sum(v * v for v in values))


def window(*days: Day, first: date = MONDAY) -> Window:
    return Window(first, days)


def estimated(before: list[Day], after: list[Day], **options: int) -> Estimate:
    return estimate(Sample(window(*before), window(*after)), **options)  # type: ignore[arg-type]


def test_a_level_is_brought_onto_the_mix_of_the_baseline() -> None:
    """Before: half low at 10, half high at 40. Now both are 10% lower, but only a quarter is high."""
    before: Day = {"low": group(8, 12), "high": group(32, 48)}
    after: Day = {"low": group(7.2, 10.8, 7.2, 10.8, 7.2, 10.8), "high": group(28.8, 43.2)}
    found = estimated([before, before], [after, after])
    assert (found.base_level, found.level) == pytest.approx((25.0, 22.5))
    assert exp(found.change) - 1 == pytest.approx(-0.1)
    assert found.raw == pytest.approx(log(15.75 / 25))
    assert found.raw - found.change == pytest.approx(log(15.75 / 22.5))  # what the mix alone did


def test_the_variance_within_days_is_that_of_the_weighted_mean() -> None:
    """Each cell: w = 1/2, cv² = (4·8/3)... of 4 cases 8, 12, 8, 12: s² = 16/3, cv² = 16/300."""
    before: Day = {"low": group(8, 12), "high": group(32, 48)}
    found = estimated([before, before], [before, before])
    cv2 = 16 / 3 / 100
    by_hand = (0.25 * cv2 * 100 / 4 + 0.25 * cv2 * 1600 / 4) / 25**2
    assert (found.v, found.v_base) == pytest.approx((by_hand, by_hand))


def test_a_pilot_cell_never_claims_less_spread_than_it_shares_with_the_baseline() -> None:
    before: Day = {"all": group(5, 15)}  # cv² = 50/100
    after: Day = {"all": group(10, 10)}  # none of its own
    found = estimated([before], [after])
    assert found.v == pytest.approx((2 * 0 + 2 * 0.5) / 4 * 100 / 2 / 100)


def test_weekends_are_cells_of_their_own() -> None:
    weekday: Day = {"all": group(8, 12)}
    week = [weekday] * 5 + [{"all": group(16, 24)}] * 2
    found = estimated(week, week[:5])
    assert found.cells == 2
    assert found.thinnest == (Cell("all", True), 0)
    assert found.base_level == found.level == pytest.approx(10.0)  # only the live cell counts, on both sides


def test_days_without_a_row_stay_in_the_series() -> None:
    full: Day = {"all": group(8, 12)}
    found = estimated([full, {}, full], [full, {}, {}, full])
    assert (found.days, found.reading_days, found.base_days) == (4, 2, 3)


def test_immature_days_are_cut_off_and_the_baseline_is_not() -> None:
    full: Day = {"all": group(8, 12)}
    found = estimated([full] * 3, [full] * 4, maturity_days=3)
    assert (found.days, found.n, found.base_n) == (1, 2, 6)


def test_minutes_for_hours_are_set_aside_and_said() -> None:
    usual: Day = {"all": group(8, 12), "other": group(9, 11)}
    wrong: Day = {"all": group(480, 720), "other": group(9, 11)}
    found = estimated([usual] * 5, [usual, wrong, usual])
    assert found.aside == (Spot(MONDAY + timedelta(days=1), "all"),)
    assert found.n == 2 * 4 + 2
    assert found.change == pytest.approx(0.0)


def test_a_fivefold_level_is_still_believed() -> None:
    usual: Day = {"all": group(8, 12)}
    found = estimated([usual] * 5, [{"all": group(40, 60)}])
    assert found.aside == ()


def test_a_rate_is_not_screened() -> None:
    usual, none = {"all": Moments(10, 5, 5)}, {"all": Moments(10, 0, 0)}
    found = estimate(
        Sample(window(usual, usual), window(usual, none)), scale=Scale(screened=False, signed=False)
    )
    assert found.aside == ()
    assert found.change == pytest.approx(log(0.25 / 0.5))


def test_logarithms_are_compared_by_their_difference() -> None:
    before, after = group(*map(log1p, (10, 30))), group(*map(log1p, (8, 24)))
    found = estimate(Sample(window({"all": before}), window({"all": after})), scale=Scale(logs=True))
    assert found.change == pytest.approx((log(9) + log(25)) / 2 - (log(11) + log(31)) / 2)


def test_segments_the_baseline_lacks_stay_outside() -> None:
    usual: Day = {"all": group(8, 12)}
    found = estimated([usual], [{"all": group(8, 12), "new": group(500, 500)}])
    assert (found.n, found.outside, found.level) == (2, 0.5, 10.0)


def test_what_a_control_arm_did_is_taken_off() -> None:
    """The pilot is 20% lower, its comparison group 10%: 1 - .8/.9 is the pilot's own doing."""
    pilot = Sample(window({"all": group(8, 12)}), window({"all": group(6.4, 9.6)}))
    control = Sample(window({"all": group(16, 24)}), window({"all": group(14.4, 21.6)}))
    found = estimate(pilot, control)
    assert exp(found.change) == pytest.approx(0.8 / 0.9)
    assert found.v == pytest.approx(2 * estimate(pilot).v)
    assert (found.level, found.base_level) == (8.0, 10.0)


def test_a_control_arm_without_a_baseline_is_refused() -> None:
    usual = {"all": group(8, 12)}
    found = estimate(Sample(window(usual), window(usual)), Sample(window({}), window(usual)))
    assert found.flaw == "no_control_baseline"


def test_cases_of_one_account_count_as_what_they_are() -> None:
    """Two accounts, each with four cases alike: the spread is that between the accounts."""
    ours, theirs = group(8, 8, 8, 8), group(12, 12, 12, 12)
    day: Day = {"all": ours + theirs}
    held = Window(MONDAY, (day,), ({"all": {"ours": ours, "theirs": theirs}},))
    naive, clustered = estimate(Sample(window(day), window(day))), estimate(Sample(held, held))
    residual = 4 * 2 / 8 / 10
    assert clustered.v == pytest.approx(2 / 1 * 2 * residual**2)
    assert clustered.v > naive.v


@pytest.mark.parametrize(
    ("before", "after", "scale", "flaw"),
    [
        pytest.param([], [{"all": group(8, 12)}], Scale(), "no_baseline", id="no baseline"),
        pytest.param([{"all": group(8, 12)}], [{}], Scale(), "no_cases", id="no cases"),
        pytest.param(
            [{"all": group(0, 0)}], [{"all": group(1, 2)}], Scale(), "zero_baseline", id="zero before"
        ),
        pytest.param(
            [{"all": Moments(9, 3, 3)}],
            [{"all": Moments(9, 0, 0)}],
            Scale(screened=False, signed=False),
            "zero_level",
            id="a rate of zero",
        ),
        pytest.param(
            [{"all": group(5, 5)}], [{"all": group(5, 5)}], Scale(), "zero_variance", id="all alike"
        ),
        pytest.param(
            [{"all": group(5, -9)}],
            [{"all": group(5, 6)}],
            Scale(logs=True, signed=False),
            "negative_values",
            id="below zero",
        ),
        pytest.param(
            [{f"s{number}": group(8, 12) for number in range(41)}],
            [{f"s{number}": group(8, 12) for number in range(41)}],
            Scale(),
            "too_many_cells",
            id="41 segments",
        ),
    ],
)
def test_what_cannot_be_judged_is_named(before: list[Day], after: list[Day], scale: Scale, flaw: str) -> None:
    sample = Sample(window(*(before or [{}])), window(*after))
    assert estimate(sample, scale=scale).flaw == flaw


def test_more_than_forty_cells_merge_the_weekend_first() -> None:
    every: Day = {f"s{number}": group(8, 12) for number in range(25)}
    found = estimated([every] * 7, [every] * 7)
    assert (found.cells, found.merged, found.flaw) == (25, True, None)


ALTERNATING = Standard(10.0, 0.04, (0.1, -0.1, 0.1, -0.1))


def test_dependence_of_four_alternating_days_by_hand() -> None:
    """Σr² = .04, Σr_d r_{d+1} = -.03: φ̂ = -.75 + (1 - 2.25)/5 = -1, clipped to 0."""
    windows = [ALTERNATING, ALTERNATING]
    assert persistence(windows) == 0.0
    lrv = max(0.0, 0.03 + 2 * (0.8 * -0.02 + 0.6 * 0.01 + 0.4 * 0.0 + 0.2 * 0.0)) * 4 / 3
    assert long_run_effect(windows, 0.0) == pytest.approx(lrv / 0.04)
    assert first_order_effect(windows) == pytest.approx(_first_order(gamma0=1.0, gamma1=-0.75, days=8))
    assert design_effect(windows) == pytest.approx(max(1.0, _first_order(gamma0=1.0, gamma1=-0.75, days=8)))


def _first_order(*, gamma0: float, gamma1: float, days: int) -> float:
    deff = 1.0
    for _ in range(3):
        e0, e1 = max(gamma0 - 1 + 2 * deff / days, 0), max(gamma1 + 2 * deff / days - 1 / days, 0)
        deff = 1 + e0 + 2 * e1 / (1 - min(e1 / (max(e0, e1) + 0.5 / sqrt(days)), 0.9))
    return deff


def test_a_day_of_its_own_tells_nothing_of_dependence() -> None:
    alone = replace(ALTERNATING, residuals=(0.0,))
    assert long_run_effect([alone], 0.0) == 0.0
    assert persistence([alone]) == pytest.approx(0.2)  # nothing seen, and the bias of one day taken off


def test_a_standard_error_widens_with_dependence_only() -> None:
    assert standard_error(0.04, 1.0, 100) == pytest.approx(1.05 * 0.2)
    kv = (1.96 + 2.9694 * 0.05 + 0.4160 * 0.05**2 - 0.5324 * 0.05**3) / 1.96
    assert standard_error(0.04, 2.0, 100) == pytest.approx(1.05 * (1 + (kv - 1) / 2) * sqrt(0.08))
