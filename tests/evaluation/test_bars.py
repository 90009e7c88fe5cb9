"""The constant bar: the printed rows, the script that makes the others, and what lies between."""

from __future__ import annotations

from math import log, sqrt
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.bar_table import crossing_probability
from pilots.evaluation.bars import PRINTED, RATIOS, TABLE, bar

PRINTED_CELLS = [
    pytest.param(alpha, ratio, value, id=f"{alpha} at {ratio}")
    for alpha, row in PRINTED.items()
    for ratio, value in zip(RATIOS, row, strict=True)
]


@pytest.mark.parametrize(("alpha", "ratio", "value"), PRINTED_CELLS)
def test_the_printed_rows_are_served_as_they_are(alpha: float, ratio: float, value: float) -> None:
    assert bar(alpha, ratio) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(("alpha", "ratio", "value"), PRINTED_CELLS)
def test_the_script_reproduces_the_printed_rows(alpha: float, ratio: float, value: float) -> None:
    within = 0.0201  # ± .02, and the width of the grid
    assert crossing_probability(value + within, ratio, grid=200) <= alpha
    assert crossing_probability(value - within, ratio, grid=200) >= alpha


@pytest.mark.parametrize("alpha", [alpha for alpha in TABLE if alpha not in PRINTED and alpha >= 0.001])
def test_every_other_row_is_passed_as_often_as_it_says(alpha: float) -> None:
    assert crossing_probability(bar(alpha, 9), 9, grid=200) == pytest.approx(alpha, rel=0.02)


def test_one_look_is_a_plain_quantile() -> None:
    assert bar(0.003, 1) == pytest.approx(NormalDist().inv_cdf(0.997), abs=0.005)


def test_beyond_the_last_ratio_its_column_holds() -> None:
    assert bar(0.05, 1e9) == bar(0.05, 60) == 2.67


def test_between_ratios_it_is_read_on_their_logarithms() -> None:
    assert log(sqrt(1.5 * 2)) == pytest.approx((log(1.5) + log(2)) / 2)
    assert bar(0.05, sqrt(1.5 * 2)) == pytest.approx((2.01 + 2.13) / 2)


def test_between_alphas_it_is_read_on_normal_quantiles() -> None:
    middle = (NormalDist().inv_cdf(0.95) + NormalDist().inv_cdf(0.965)) / 2
    alpha = 1 - NormalDist().cdf(middle)
    assert bar(alpha, 5) == pytest.approx((bar(0.05, 5) + bar(0.035, 5)) / 2)


@given(st.floats(0.0005, 0.2), st.floats(1, 100), st.floats(1, 100))
def test_less_risk_and_more_looks_ask_for_more(alpha: float, ratio: float, other: float) -> None:
    low, high = sorted((ratio, other))
    assert bar(alpha, low) <= bar(alpha, high)
    assert bar(alpha, low) <= bar(alpha / 2, low)
