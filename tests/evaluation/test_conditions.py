"""Floors and limits: below which a condition is not answered, and where it becomes true."""

from __future__ import annotations

from typing import Any

import pytest

from pilots.evaluation.conditions import Floor, floor_of, limit_test
from pilots.evaluation.looks import look_at
from pilots.evaluation.results import ConditionResult
from pilots.evaluation.series import Series
from pilots.evaluation.specs import ConditionSpec
from pilots.evaluation.vocabulary import Comparison, DataState, Direction, Truth
from tests.evaluation.builders import (
    a_metric,
    a_pilot,
    a_stop,
    a_threshold,
    a_trigger,
    at_end_of,
    condition,
    days_of,
    look,
)

ABOVE, BELOW = Comparison.ABOVE, Comparison.BELOW
IMPROVE, WORSEN = Comparison.IMPROVE_BY, Comparison.WORSEN_BY


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param(a_threshold(), Floor(14, 200), id="a threshold is first looked at on day 14"),
        pytest.param(a_stop(), Floor(7, 200), id="a relative stop on day 7"),
        pytest.param(a_trigger(), Floor(7, 200), id="a relative trigger on day 7"),
        pytest.param(a_stop(comparison=ABOVE), Floor(0, 0), id="an absolute stop needs one case"),
        pytest.param(a_trigger(comparison=BELOW), Floor(0, 0), id="an absolute trigger too"),
        pytest.param(a_threshold(comparison=BELOW), Floor(14, 200), id="an absolute threshold waits"),
        pytest.param(
            a_stop(comparison=ABOVE, scope="gap:tier"), Floor(7, 200), id="a gap is relative as it is"
        ),
        pytest.param(a_stop(min_sample=50, min_days=3), Floor(3, 50), id="both can be set"),
        pytest.param(a_stop(comparison=ABOVE, min_sample=9), Floor(0, 9), id="also for an absolute stop"),
    ],
)
def test_floor(spec: ConditionSpec, expected: Floor) -> None:
    assert floor_of(spec) == expected


@pytest.mark.parametrize(
    ("comparison", "direction", "limit", "number", "expected"),
    [
        pytest.param(IMPROVE, "lower", 0.05, -0.06, True, id="6% lower improves by more than 5%"),
        pytest.param(IMPROVE, "lower", 0.05, 95 / 100 - 1, False, id="exactly 5% is not more than 5%"),
        pytest.param(IMPROVE, "lower", 0.05, 0.06, False, id="6% higher is no improvement"),
        pytest.param(IMPROVE, "higher", 0.05, 0.06, True, id="where higher is better it is"),
        pytest.param(IMPROVE, "lower", 0.0, -0.001, True, id="0%: any improvement"),
        pytest.param(IMPROVE, "lower", 0.0, 0.0, False, id="0%: no change is none"),
        pytest.param(WORSEN, "lower", 0.2, 0.2, True, id="exactly 20% worse is at the stop limit"),
        pytest.param(WORSEN, "lower", 0.2, 0.199, False, id="19.9% is short of it"),
        pytest.param(WORSEN, "higher", 0.2, -0.21, True, id="where higher is better, lower is worse"),
        pytest.param(WORSEN, "lower", 0.0, 0.0, False, id="0%: no change is no worsening"),
        pytest.param(WORSEN, "lower", 0.0, 0.001, True, id="0%: any worsening"),
        pytest.param(ABOVE, "lower", 30.0, 30.0, False, id="on the limit is not above it"),
        pytest.param(ABOVE, "lower", 0.3, 0.1 + 0.2, False, id="but for rounding it is on the limit"),
        pytest.param(ABOVE, "lower", 30.0, 30.1, True, id="above"),
        pytest.param(BELOW, "lower", 30.0, 30.0, False, id="on the limit is not below it"),
        pytest.param(BELOW, "lower", 30.0, 29.9, True, id="below"),
    ],
)
def test_where_a_condition_becomes_true(
    comparison: Comparison, direction: str, limit: float, number: float, expected: bool
) -> None:
    spec = a_stop(comparison=comparison, limit=limit)
    metric = a_metric(direction=Direction(f"{direction}_is_better"))
    question = look_at(a_pilot(spec, metrics=(metric,)), Series(), now=at_end_of(1)).ask(spec, "overall")
    assert limit_test(question, limit)(number) is expected


def judged(spec: ConditionSpec, means: list[float | None], *, on_day: int, **changes: Any) -> ConditionResult:
    n = changes.pop("n", 100)
    pilot = a_pilot(spec, metrics=(a_metric(**changes),))
    return condition(look(pilot, days_of(means, n=n), on_day=on_day), spec.ref)


@pytest.mark.parametrize(
    ("found", "truth", "why"),
    [
        pytest.param(
            judged(a_threshold(), [10.0] * 13, on_day=13), Truth.UNKNOWN, "first_look", id="day 13 is early"
        ),
        pytest.param(judged(a_threshold(), [10.0] * 14, on_day=14), Truth.TRUE, None, id="day 14 is not"),
        pytest.param(
            judged(a_threshold(), [10.0] * 14, on_day=14, n=14), Truth.UNKNOWN, "too_small", id="196 cases"
        ),
        pytest.param(judged(a_threshold(), [10.0] * 15, on_day=15, n=14), Truth.TRUE, None, id="210 cases"),
        pytest.param(
            judged(a_stop(), [30.0] * 6, on_day=6), Truth.UNKNOWN, "first_look", id="a stop on day 6"
        ),
        pytest.param(judged(a_stop(), [30.0] * 7, on_day=7), Truth.TRUE, None, id="a stop on day 7"),
        pytest.param(
            judged(a_stop(comparison=ABOVE, limit=30.0), [31.0], on_day=1, n=1),
            Truth.TRUE,
            None,
            id="an absolute stop on its first case",
        ),
    ],
)
def test_below_its_floor_a_condition_is_unknown(
    found: ConditionResult, truth: Truth, why: str | None
) -> None:
    assert (found.truth, found.why) == (truth, why)
    assert (found.data_state is DataState.TOO_SMALL) is (truth is Truth.UNKNOWN)


@pytest.mark.parametrize(
    ("spec", "mean", "warned"),
    [
        pytest.param(a_stop(), 30.0, True, id="a stop past its limit warns early"),
        pytest.param(a_stop(), 20.0, False, id="one within its limit does not"),
        pytest.param(a_trigger(), 30.0, False, id="a trigger waits for its floor"),
    ],
)
def test_early_warning(spec: ConditionSpec, mean: float, warned: bool) -> None:
    assert judged(spec, [mean] * 3, on_day=3).early_warning is warned


def test_a_rule_without_a_limit_is_unknown_and_says_so() -> None:
    found = judged(a_threshold(limit=None), [10.0] * 20, on_day=20)
    assert (found.truth, found.why) == (Truth.UNKNOWN, "no_limit")


def test_a_relative_limit_is_told_with_the_sign_of_the_data() -> None:
    assert judged(a_threshold(), [20.0], on_day=1).limit == -0.05
    assert judged(a_stop(), [20.0], on_day=1).limit == 0.2
    higher = Direction.HIGHER_IS_BETTER
    assert judged(a_threshold(), [20.0], on_day=1, direction=higher).limit == 0.05
    assert judged(a_stop(comparison=ABOVE, limit=7.0), [20.0], on_day=1).limit == 7.0
