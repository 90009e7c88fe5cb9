from __future__ import annotations

from math import inf
from typing import Any

import pytest

from pilots.evaluation.regions import Region, backwards, can_be_passed, region_of
from pilots.evaluation.specs import ConditionSpec
from pilots.evaluation.vocabulary import Comparison, ConditionKind, DataState, Direction, MetricKind

LOWER, HIGHER = Direction.LOWER_IS_BETTER, Direction.HIGHER_IS_BETTER


def a_rule(comparison: Comparison | None, limit: float | None, **fields: Any) -> ConditionSpec:
    return ConditionSpec(
        ref="C1", kind=ConditionKind.THRESHOLD, comparison=comparison, limit=limit, metric="m", **fields
    )


@pytest.mark.parametrize(
    ("comparison", "limit", "direction", "baseline", "expected"),
    [
        pytest.param("above", 24, LOWER, None, Region(24, inf), id="above a value is everything past it"),
        pytest.param("below", 24, HIGHER, None, Region(-inf, 24), id="below a value is everything under it"),
        pytest.param(
            "improve_by", 0.1, LOWER, 20, Region(-inf, 18), id="better is lower where lower is better"
        ),
        pytest.param(
            "improve_by", 0.1, HIGHER, 20, Region(22, inf), id="better is higher where higher is better"
        ),
        pytest.param(
            "worsen_by", 0.1, LOWER, 20, Region(22, inf), id="worse is higher where lower is better"
        ),
        pytest.param(
            "worsen_by", 0.1, HIGHER, 20, Region(-inf, 18), id="worse is lower where higher is better"
        ),
        pytest.param(
            "worsen_by", 0.5, HIGHER, -10, Region(-inf, -15), id="a share of a negative baseline's size"
        ),
    ],
)
def test_where_a_limit_makes_its_condition_true(
    comparison: str, limit: float, direction: Direction, baseline: float | None, expected: Region
) -> None:
    assert region_of(a_rule(Comparison(comparison), limit), direction, baseline=baseline) == expected


@pytest.mark.parametrize(
    ("rule", "baseline"),
    [
        pytest.param(a_rule(Comparison.IMPROVE_BY, 0.1), None, id="a relative limit without a baseline"),
        pytest.param(a_rule(Comparison.IMPROVE_BY, 0.1), 0.0, id="a relative limit on a baseline of zero"),
        pytest.param(a_rule(None, None, data_state=DataState.STALE), 20, id="a data state is no value"),
    ],
)
def test_what_lies_nowhere_on_the_line(rule: ConditionSpec, baseline: float | None) -> None:
    assert region_of(rule, LOWER, baseline=baseline) is None


def test_a_gap_is_judged_by_its_width_whatever_the_baseline() -> None:
    assert region_of(a_rule(Comparison.WORSEN_BY, 0.1, scope="gap:tier"), LOWER) == Region(0.1, inf)
    assert region_of(a_rule(Comparison.BELOW, 0.05, scope="gap:tier"), LOWER) == Region(-inf, 0.05)


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        pytest.param(Region(-inf, 18), Region(22, inf), False, id="apart"),
        pytest.param(Region(-inf, 20), Region(20, inf), False, id="touching at the edge is not meeting"),
        pytest.param(Region(-inf, 20), Region(19, inf), True, id="crossing"),
        pytest.param(Region(-inf, 20), Region(-inf, 5), True, id="one inside the other"),
    ],
)
def test_two_regions_meet_where_one_value_lies_in_both(one: Region, other: Region, meet: bool) -> None:
    assert one.meets(other) is meet
    assert other.meets(one) is meet


@pytest.mark.parametrize(
    ("comparison", "scope", "direction", "is_better"),
    [
        ("improve_by", "overall", LOWER, True),
        ("worsen_by", "overall", HIGHER, False),
        ("below", "overall", LOWER, True),
        ("above", "overall", LOWER, False),
        ("above", "premium", HIGHER, True),
        ("below", "premium", HIGHER, False),
        ("below", "gap:tier", HIGHER, True),
        ("above", "gap:tier", HIGHER, False),
        ("worsen_by", "gap:tier", LOWER, False),
    ],
)
def test_criteria_lie_on_the_better_side_and_stops_on_the_worse(
    comparison: str, scope: str, direction: Direction, is_better: bool
) -> None:
    asked = Comparison(comparison), scope, direction
    assert (backwards(ConditionKind.THRESHOLD, *asked) is None) is is_better
    assert (backwards(ConditionKind.STOP_CONDITION, *asked) is None) is not is_better
    assert backwards(ConditionKind.ESCALATION_TRIGGER, *asked) is None


def test_a_limit_on_the_wrong_side_is_explained() -> None:
    said = backwards(ConditionKind.THRESHOLD, Comparison.ABOVE, "overall", LOWER)
    assert said == "lower is better here, so a scale-up criterion can't become true above a value"


RATE, MEAN = MetricKind.RATE, MetricKind.MEAN


@pytest.mark.parametrize(
    ("comparison", "limit", "direction", "kind", "baseline", "possible"),
    [
        pytest.param("above", 0.9, LOWER, RATE, None, True, id="most of a rate"),
        pytest.param("above", 1, LOWER, RATE, None, False, id="more than all of a rate"),
        pytest.param("below", 0, HIGHER, RATE, None, False, id="less than nothing of a rate"),
        pytest.param("worsen_by", 2, LOWER, RATE, 0.2, True, id="a rate that trebles"),
        pytest.param("worsen_by", 5, LOWER, RATE, 0.2, False, id="a rate sixfold that was a fifth"),
        pytest.param("worsen_by", 0.9, HIGHER, MEAN, 20, True, id="a fall by nine tenths"),
        pytest.param("worsen_by", 1.2, HIGHER, MEAN, 20, False, id="a fall by more than all"),
        pytest.param("worsen_by", 5, LOWER, MEAN, 20, True, id="a mean sixfold"),
        pytest.param("worsen_by", 1.2, HIGHER, MEAN, -20, True, id="below zero all along"),
        pytest.param("worsen_by", 5, LOWER, MEAN, None, True, id="a change of what is not known"),
        pytest.param("above", 500, LOWER, MEAN, None, True, id="any value of a mean"),
    ],
)
def test_a_limit_that_no_value_can_pass_is_known(
    comparison: str,
    limit: float,
    direction: Direction,
    kind: MetricKind,
    baseline: float | None,
    possible: bool,
) -> None:
    rule = a_rule(Comparison(comparison), limit)
    assert can_be_passed(rule, kind, direction, baseline=baseline) is possible
