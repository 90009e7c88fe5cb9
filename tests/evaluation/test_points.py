"""The windowed value against the limit: windows, kinds, segments and gaps."""

from __future__ import annotations

from math import log1p
from typing import Any

import pytest

from pilots.evaluation.moments import Moments
from pilots.evaluation.results import ConditionResult
from pilots.evaluation.specs import ConditionSpec, MetricSpec, Reading
from pilots.evaluation.vocabulary import Comparison, DataState, MetricKind, Truth
from tests.evaluation.builders import (
    a_baseline,
    a_metric,
    a_pilot,
    a_reading,
    a_stop,
    a_threshold,
    cases,
    condition,
    day,
    days_of,
    look,
)

ABOVE, BELOW = Comparison.ABOVE, Comparison.BELOW
SEVERITY = {"severity": ("low", "high")}
BY_SEVERITY = a_baseline(moments={"low": cases(2000, 10.0), "high": cases(1000, 40.0)})


def judged(
    spec: ConditionSpec,
    readings: list[Reading],
    *,
    on_day: int,
    metric: MetricSpec | None = None,
    **pilot: Any,
) -> ConditionResult:
    described = a_pilot(spec, metrics=(metric or a_metric(),), **pilot)
    return condition(look(described, readings, on_day=on_day), spec.ref, spec.scope)


WEEK = days_of([10.0, 20, 30, 40, 50, 60, 70, 80])


@pytest.mark.parametrize(
    ("spec", "metric", "on_day", "value", "n"),
    [
        pytest.param(a_stop(), {"window_days": 7}, 8, 50.0, 700, id="the metric's last seven days"),
        pytest.param(a_stop(window_days=2), {"window_days": 7}, 8, 75.0, 200, id="the rule's own window"),
        pytest.param(a_stop(), {"window_days": 7}, 3, 20.0, 300, id="never before the stage's first day"),
        pytest.param(
            a_stop(counts_from=day(7)), {"window_days": 7}, 8, 75.0, 200, id="never before the rule's"
        ),
        pytest.param(
            a_stop(), {"window_days": 2, "maturity_days": 3}, 8, 45.0, 200, id="immature days are cut off"
        ),
    ],
)
def test_window(spec: ConditionSpec, metric: dict[str, Any], on_day: int, value: float, n: int) -> None:
    found = judged(spec, days_of([99.0], first=0) + WEEK, on_day=on_day, metric=a_metric(**metric))
    assert (found.value, found.n) == (value, n)


def test_a_mean_is_over_cases_never_over_days() -> None:
    readings = [a_reading(1, 10.0, n=900), a_reading(2, 20.0, n=100)]
    found = judged(a_stop(), readings, on_day=2, metric=a_metric(window_days=7))
    assert found.value == pytest.approx(11.0)


def test_the_floor_counts_cases_since_the_stage_began_not_those_of_the_window() -> None:
    found = judged(a_stop(counts_from=day(8)), WEEK, on_day=8)
    assert (found.n, found.sample, found.truth) == (100, 800, Truth.TRUE)


@pytest.mark.parametrize(
    ("kind", "moments", "before", "value", "baseline", "change"),
    [
        pytest.param("mean", Moments(4, 72.0), Moments(10, 200.0), 18.0, 20.0, -0.1, id="mean"),
        pytest.param("rate", Moments(300, 270.0), Moments(100, 75.0), 0.9, 0.75, 0.2, id="rate"),
        pytest.param("total", Moments(4, 33.0), Moments(10, 840.0), 33.0, 30.0, 0.1, id="total, per day"),
        pytest.param(
            "geometric_mean",
            Moments(2, 2 * log1p(6)),
            Moments(3, 3 * log1p(8)),
            6.0,
            8.0,
            -0.25,
            id="geometric mean",
        ),
    ],
)
def test_each_kind_of_metric(
    kind: str, moments: Moments, before: Moments, value: float, baseline: float, change: float
) -> None:
    metric = a_metric(kind=MetricKind(kind), baseline=a_baseline(moments={"all": before}))
    found = judged(a_stop(), [a_reading(1, moments=moments)], on_day=1, metric=metric)
    assert (found.value, found.baseline, found.change) == pytest.approx((value, baseline, change))


COUNTED = a_metric(kind=MetricKind.TOTAL, window_days=3)
ZEROES = a_metric(kind=MetricKind.TOTAL, window_days=3, no_entry_is_zero=True)


def incidents(*totals: float | None) -> list[Reading]:
    return [
        a_reading(number, moments=Moments(1, total))
        for number, total in enumerate(totals, 1)
        if total is not None
    ]


@pytest.mark.parametrize(
    ("comparison", "metric", "readings", "on_day", "truth", "why"),
    [
        pytest.param(ABOVE, COUNTED, incidents(1, 1, 1), 3, Truth.FALSE, None, id="3 is not above 5"),
        pytest.param(ABOVE, COUNTED, incidents(6), 1, Truth.TRUE, None, id="one case too many is enough"),
        pytest.param(
            ABOVE, COUNTED, incidents(1, None, 1), 3, Truth.UNKNOWN, "missing_period", id="missing isn't zero"
        ),
        pytest.param(
            ABOVE, COUNTED, incidents(5, None, 1), 3, Truth.TRUE, None, id="what is missing can only add"
        ),
        pytest.param(
            BELOW, COUNTED, incidents(1, 1), 2, Truth.UNKNOWN, "first_look", id="below needs a full window"
        ),
        pytest.param(BELOW, COUNTED, incidents(1, 1, 1), 3, Truth.TRUE, None, id="3 in 3 days are below 5"),
        pytest.param(
            BELOW,
            COUNTED,
            incidents(1, None, 1),
            3,
            Truth.UNKNOWN,
            "missing_period",
            id="none may be missing",
        ),
        pytest.param(ABOVE, ZEROES, incidents(1, None, 1), 3, Truth.FALSE, None, id="no entry may mean zero"),
        pytest.param(BELOW, ZEROES, [], 3, Truth.TRUE, None, id="nothing at all is then a true zero"),
    ],
)
def test_an_absolute_limit_on_a_total(
    comparison: Comparison,
    metric: MetricSpec,
    readings: list[Reading],
    on_day: int,
    truth: Truth,
    why: str | None,
) -> None:
    found = judged(a_stop(comparison=comparison, limit=5.0), readings, on_day=on_day, metric=metric)
    assert (found.truth, found.why) == (truth, why)


def test_a_total_is_compared_over_the_days_that_were_read() -> None:
    metric = a_metric(
        kind=MetricKind.TOTAL, window_days=3, baseline=a_baseline(moments={"all": Moments(28, 280.0)})
    )
    found = judged(a_stop(), incidents(10, None, 10), on_day=3, metric=metric)
    assert (found.value, found.baseline, found.change) == (20.0, 20.0, 0.0)


@pytest.mark.parametrize(
    ("scope", "value", "baseline"),
    [
        pytest.param("overall", 22.5, 20.0, id="overall: all cases together"),
        pytest.param("low", 15.0, 10.0, id="a segment on its own baseline"),
        pytest.param("severity=high", 30.0, 40.0, id="named in full"),
    ],
)
def test_scope(scope: str, value: float, baseline: float) -> None:
    readings = [a_reading(1, 15.0, segment="low"), a_reading(1, 30.0, segment="high")]
    found = judged(
        a_stop(scope=scope),
        readings,
        on_day=1,
        metric=a_metric(baseline=BY_SEVERITY),
        dimensions=SEVERITY,
    )
    assert (found.value, found.baseline) == (value, baseline)


def gap(*changes: float, n: int = 100, **rule: Any) -> ConditionResult:
    """Judge the gap between low and high severity after ten days of these relative changes."""
    means = {"low": 10.0, "high": 40.0}
    readings = [
        a_reading(number, means[segment] * (1 + change), segment=segment, n=n)
        for segment, change in zip(means, changes, strict=False)
        for number in range(1, 11)
    ]
    spec = a_stop(**{"scope": "gap:severity", "limit": 0.2, **rule})
    metric = a_metric(baseline=BY_SEVERITY)
    return judged(spec, readings, on_day=10, metric=metric, dimensions=SEVERITY)


@pytest.mark.parametrize(
    ("found", "truth", "change"),
    [
        pytest.param(gap(-0.1, 0.15), Truth.TRUE, 0.25, id="one better, one worse: 25 points apart"),
        pytest.param(gap(-0.3, -0.25), Truth.FALSE, 0.05, id="both better: 5 points apart"),
        pytest.param(gap(0.3, 0.3), Truth.FALSE, 0.0, id="equally worse is no gap"),
        pytest.param(gap(0.3, 0.3, limit=0.0), Truth.FALSE, 0.0, id="no gap is never past a limit of 0%"),
        pytest.param(
            gap(0.0, 0.1, comparison=BELOW), Truth.TRUE, 0.1, id="below: the gap is narrower than the limit"
        ),
    ],
)
def test_gap_between_the_best_and_the_worst(found: ConditionResult, truth: Truth, change: float) -> None:
    assert found.truth is truth
    assert found.change == pytest.approx(change)
    assert found.value is None


@pytest.mark.parametrize(
    ("found", "why"),
    [
        pytest.param(gap(0.1), "no_cases", id="a category that vanished leaves the gap unknown"),
        pytest.param(gap(0.1, 0.2, n=19), "too_small", id="the smallest category counts for the floor"),
    ],
)
def test_an_unknown_gap(found: ConditionResult, why: str) -> None:
    assert (found.truth, found.why) == (Truth.UNKNOWN, why)


@pytest.mark.parametrize(
    ("spec", "metric", "state", "why"),
    [
        pytest.param(
            a_threshold(), a_metric(baseline=None), DataState.NO_BASELINE, "no_baseline", id="no baseline"
        ),
        pytest.param(
            a_threshold(),
            a_metric(baseline=a_baseline(moments={"all": cases(100, 0.0)})),
            DataState.NO_BASELINE,
            "zero_baseline",
            id="a baseline of zero has no per cent",
        ),
        pytest.param(
            a_threshold(scope="high"),
            a_metric(baseline=BY_SEVERITY),
            DataState.TOO_SMALL,
            "no_cases",
            id="a segment that vanished",
        ),
        pytest.param(
            a_threshold(scope="low"),
            a_metric(baseline=a_baseline(moments={"high": cases(10, 4.0)})),
            DataState.NO_BASELINE,
            "no_baseline",
            id="a segment that is new",
        ),
        pytest.param(
            a_threshold(scope="urgent"), a_metric(), DataState.NO_DATA, "unknown_scope", id="no such segment"
        ),
        pytest.param(
            a_threshold(metric="cost"), a_metric(), DataState.NO_DATA, "unknown_metric", id="no such metric"
        ),
        pytest.param(
            a_threshold(scope="gap:severity"),
            a_metric(baseline=a_baseline(moments={"low": cases(10, 4.0)})),
            DataState.USABLE,
            "one_category",
            id="a gap of one category",
        ),
        pytest.param(
            a_threshold(),
            a_metric(maturity_days=30, baseline=BY_SEVERITY),
            DataState.TOO_SMALL,
            "not_settled",
            id="no day is mature yet",
        ),
        pytest.param(
            a_threshold(),
            a_metric(kind=MetricKind.GEOMETRIC_MEAN, baseline=BY_SEVERITY),
            DataState.USABLE,
            "not_a_number",
            id="sums beyond all numbers",
        ),
    ],
)
def test_what_cannot_be_compared_is_unknown_with_its_reason(
    spec: ConditionSpec, metric: MetricSpec, state: DataState, why: str
) -> None:
    mean = 1e6 if metric.kind is MetricKind.GEOMETRIC_MEAN else 9.0
    readings = days_of([mean] * 20, segment="low")
    found = judged(spec, readings, on_day=20, metric=metric, dimensions=SEVERITY)
    assert (found.truth, found.data_state, found.why) == (Truth.UNKNOWN, state, why)


def test_a_limit_in_the_metrics_unit_needs_no_baseline() -> None:
    spec = a_stop(comparison=ABOVE, limit=8.0)
    found = judged(spec, days_of([9.0]), on_day=1, metric=a_metric(baseline=None))
    assert (found.truth, found.value, found.baseline) == (Truth.TRUE, 9.0, None)
