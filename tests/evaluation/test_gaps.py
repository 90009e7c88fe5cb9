"""Scopes: one segment, each segment, and the gap between them."""

from __future__ import annotations

import pytest

from pilots.evaluation.specs import ConditionSpec, Reading
from pilots.evaluation.vocabulary import Comparison, Truth, Verdict
from tests.evaluation.builders import condition, days_of
from tests.evaluation.interval_stories import TIERS, seen, stop, threshold, trigger

BEFORE = days_of([20.0] * 28, first=-27, segment="basic") + days_of([40.0] * 28, first=-27, segment="premium")


def tiers(basic: float, premium: float, *, count: int = 30) -> list[Reading]:
    return days_of([basic] * count, segment="basic") + days_of([premium] * count, segment="premium")


def truth(rule: ConditionSpec, days: list[Reading], scope: str) -> Truth:
    result = seen(rule, days=days, before=BEFORE, on_day=30, dimensions=TIERS)
    return condition(result, rule.ref, scope).truth


def test_each_segment_answers_for_itself() -> None:
    rule, days = stop(scope="each:tier"), tiers(25.0, 40.0)
    assert truth(rule, days, "basic") is Truth.TRUE
    assert truth(rule, days, "premium") is Truth.FALSE


def test_one_segment_has_cells_of_its_own() -> None:
    rule, days = threshold(scope="basic"), tiers(18.0, 60.0)
    found = condition(seen(rule, days=days, before=BEFORE, on_day=30, dimensions=TIERS), scope="basic")
    assert found.n == 3000
    assert (found.change, found.baseline) == pytest.approx((-0.1, 20.0))


@pytest.mark.parametrize(
    ("comparison", "limit", "basic", "premium", "expected"),
    [
        pytest.param(Comparison.WORSEN_BY, 0.1, 23.0, 40.0, Truth.TRUE, id="15% apart is past 10%"),
        pytest.param(Comparison.WORSEN_BY, 0.2, 23.0, 40.0, Truth.FALSE, id="and short of 20%"),
        pytest.param(Comparison.WORSEN_BY, 0.01, 20.3, 40.0, Truth.FALSE, id="1.5% apart is not proven"),
        pytest.param(Comparison.ABOVE, 0.1, 23.0, 40.0, Truth.TRUE, id="above means wider"),
        pytest.param(Comparison.WORSEN_BY, 0.1, 23.0, 46.0, Truth.FALSE, id="both alike is no gap"),
        pytest.param(Comparison.IMPROVE_BY, 0.1, 20.0, 40.0, Truth.TRUE, id="proven narrower than 10%"),
        pytest.param(Comparison.BELOW, 0.05, 20.4, 40.0, Truth.FALSE, id="not proven narrower than 5%"),
    ],
)
def test_the_gap(comparison: Comparison, limit: float, basic: float, premium: float, expected: Truth) -> None:
    rule = trigger(scope="gap:tier", comparison=comparison, limit=limit)
    assert truth(rule, tiers(basic, premium), "gap:tier") is expected


def test_a_gap_says_how_far_apart_the_tiers_are_and_how_sure_that_is() -> None:
    rule = trigger(scope="gap:tier", comparison=Comparison.WORSEN_BY, limit=0.1)
    result = seen(rule, days=tiers(23.0, 40.0), before=BEFORE, on_day=30, dimensions=TIERS)
    found = condition(result, "E1", "gap:tier")
    assert found.low is not None
    assert found.change is not None
    assert found.high is not None
    assert 0 < found.low < found.change < found.high
    assert found.change == pytest.approx(0.15)
    assert "the best and the worst tier changed 15% apart (likely between" in found.sentence
    assert result.verdict is Verdict.ESCALATE


def test_a_gap_of_one_tier_is_none() -> None:
    before = days_of([20.0] * 28, first=-27, segment="basic")
    rule = trigger(scope="gap:tier", comparison=Comparison.WORSEN_BY, limit=0.1)
    days = days_of([20.0] * 30, segment="basic")
    result = seen(rule, days=days, before=before, on_day=30, dimensions=TIERS)
    assert condition(result, "E1", "gap:tier").why == "one_category"
