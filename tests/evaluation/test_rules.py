"""What a rule asks of the interval method: its limit on the log scale, and its share of the risk."""

from __future__ import annotations

from math import log
from typing import Any

import pytest

from pilots.evaluation.rules import alpha_of, rule_of
from pilots.evaluation.specs import ConditionSpec
from pilots.evaluation.vocabulary import Comparison, Direction
from tests.evaluation.builders import a_stop
from tests.evaluation.interval_stories import TIERS, hours, piloted, stop, threshold, trigger


@pytest.mark.parametrize(
    ("direction", "rule", "limit"),
    [
        pytest.param("lower_is_better", threshold(limit=0.2), -log(0.8), id="20% lower is better"),
        pytest.param("lower_is_better", stop(limit=0.2), log(1.2), id="20% higher is worse"),
        pytest.param("higher_is_better", threshold(limit=0.2), log(1.2), id="20% higher is better"),
        pytest.param("higher_is_better", stop(limit=0.2), -log(0.8), id="20% lower is worse"),
        pytest.param("lower_is_better", threshold(limit=0.0), 0.0, id="any improvement"),
        pytest.param("higher_is_better", stop(limit=1.0), float("inf"), id="nothing falls by all of it"),
    ],
)
def test_a_limit_on_the_log_scale(direction: str, rule: ConditionSpec, limit: float) -> None:
    metric = hours(direction=Direction(direction))
    assert rule_of(rule, "overall", metric, piloted(rule)).limit == pytest.approx(limit)


EACH: dict[str, Any] = {"scope": "each:tier"}


@pytest.mark.parametrize(
    ("rule", "others", "alpha"),
    [
        pytest.param(threshold(), (threshold("T2"), stop()), 0.05, id="scale-up needs all: each its own"),
        pytest.param(stop(), (stop("S2"), stop("S3")), 0.05 / 3, id="any of three stops"),
        pytest.param(stop(), (stop("S2", **EACH),), 0.05 / 3, id="each scope of a stop counts once"),
        pytest.param(stop(), (a_stop("S2"),), 0.05, id="a stop by plain value does not share"),
        pytest.param(stop(), (stop("S2", observe_only=True),), 0.05, id="nor one that is only observed"),
        pytest.param(stop(observe_only=True), (stop("S2"),), 0.05, id="which has its own"),
        pytest.param(trigger(), (trigger("E2"), stop()), 0.05, id="each trigger has its own"),
        pytest.param(trigger(**EACH), (), 0.025, id="shared by its segments"),
        pytest.param(threshold(**EACH), (), 0.025, id="so does a threshold's"),
        pytest.param(stop(alpha=0.01), (stop("S2"),), 0.005, id="the rule's own risk"),
    ],
)
def test_the_risk_is_shared(rule: ConditionSpec, others: tuple[ConditionSpec, ...], alpha: float) -> None:
    assert alpha_of(rule, piloted(rule, *others, dimensions=TIERS)) == pytest.approx(alpha)


def test_a_gap_shares_its_risk_among_its_segments() -> None:
    rule = trigger(scope="gap:tier", comparison=Comparison.WORSEN_BY)
    assert rule_of(rule, "gap:tier", hours(), piloted(rule, dimensions=TIERS)).alpha == pytest.approx(0.025)


def test_a_threshold_watches_for_harm_as_the_stop_beside_it_does() -> None:
    alone = rule_of(threshold(), "overall", hours(), piloted(threshold()))
    beside = piloted(threshold(), stop(min_days=9), stop("S2"))
    assert (alone.worse.alpha, alone.worse.floor.days) == (0.05, 7)
    rule = rule_of(threshold(), "overall", hours(), beside)
    assert (rule.worse.alpha, rule.worse.floor.days) == (0.025, 9)
