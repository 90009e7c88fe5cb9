"""What a metric was before the pilot, by kind and scope."""

from __future__ import annotations

from math import log1p

import pytest

from pilots.evaluation.baselines import baseline_moments, baseline_of, baseline_periods
from pilots.evaluation.moments import Moments
from pilots.evaluation.series import Series
from pilots.evaluation.specs import MetricSpec
from pilots.evaluation.vocabulary import MetricKind
from tests.evaluation.builders import a_baseline, a_metric, cases, days_of

WINDOW = days_of([10.0, 20.0, 30.0, 20.0] * 7, first=-27)


def level_of(metric: MetricSpec, series: Series, *segments: str, periods: int = 1) -> float | None:
    moments = baseline_moments(metric, series)
    baseline = baseline_of(metric, moments, baseline_periods(metric, series), segments or moments.keys())
    return baseline.level(periods=periods) if baseline else None


@pytest.mark.parametrize(
    ("kind", "moments", "periods", "expected"),
    [
        pytest.param(MetricKind.MEAN, Moments(4, 80, 2000), 1, 20.0, id="mean: the sum over the cases"),
        pytest.param(MetricKind.RATE, Moments(8, 6, 6), 1, 0.75, id="rate: successes over cases"),
        pytest.param(MetricKind.TOTAL, Moments(4, 280, 20000), 7, 70.0, id="total: scaled to the days"),
        pytest.param(
            MetricKind.GEOMETRIC_MEAN,
            Moments(2, log1p(3) + log1p(8), 0),
            1,
            5.0,
            id="geometric mean: back from the logarithm",
        ),
    ],
)
def test_frozen_baseline(kind: MetricKind, moments: Moments, periods: int, expected: float) -> None:
    metric = a_metric(kind=kind, baseline=a_baseline(moments={"all": moments}))
    assert level_of(metric, Series(), periods=periods) == pytest.approx(expected)


def test_without_frozen_moments_the_window_as_known_serves() -> None:
    metric = a_metric(baseline=a_baseline(moments={}))
    outside = days_of([99.0], first=1) + days_of([99.0], first=-28)
    assert level_of(metric, Series([*WINDOW, *outside])) == pytest.approx(20.0)


def test_a_baseline_that_is_not_final_is_none() -> None:
    metric = a_metric(baseline=a_baseline(moments={}, finalised_at=None))
    assert level_of(metric, Series(WINDOW)) is None


def test_a_segment_without_cases_before_the_pilot_has_no_baseline() -> None:
    metric = a_metric(baseline=a_baseline(moments={"low": cases(10, 5.0)}))
    assert level_of(metric, Series(), "high") is None
    assert level_of(metric, Series(), "low") == 5.0


def test_a_total_of_a_segment_without_cases_is_a_true_zero() -> None:
    metric = a_metric(kind=MetricKind.TOTAL, baseline=a_baseline(moments={"low": cases(10, 5.0)}))
    assert level_of(metric, Series(), "high") == 0.0


@pytest.mark.parametrize(
    ("changes", "periods"),
    [
        pytest.param({}, 3, id="from readings: the days that have one"),
        pytest.param({"no_entry_is_zero": True}, 28, id="where no entry means zero: every day"),
        pytest.param({"baseline": a_baseline()}, 28, id="frozen: every day of the window"),
        pytest.param({"baseline": a_baseline(reading_days=20)}, 20, id="frozen with its count of days"),
        pytest.param({"baseline": a_baseline(), "cadence_days": 7}, 4, id="frozen, weekly"),
        pytest.param({"baseline": None}, 0, id="no baseline"),
    ],
)
def test_periods_a_total_is_scaled_by(changes: dict[str, object], periods: int) -> None:
    metric = a_metric(**{"baseline": a_baseline(moments={}), **changes})
    assert baseline_periods(metric, Series(days_of([5.0] * 3, first=-5))) == periods


def test_a_baseline_of_one_day_is_a_baseline() -> None:
    one_day = a_baseline(first_day=WINDOW[0].day, last_day=WINDOW[0].day, moments={})
    assert level_of(a_metric(baseline=one_day), Series(WINDOW)) == pytest.approx(10.0)
