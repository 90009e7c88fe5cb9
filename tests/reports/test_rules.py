"""A limit is said in the words of the person who wrote it."""

from __future__ import annotations

from typing import Any

import pytest

from pilots.models import Condition, Metric, Pilot
from pilots.reports.rules import rule_words, told_words

PILOT = Pilot(ref="tiers")
HOURS = Metric(pilot=PILOT, ref="hours", name="Resolution time", unit="h", direction="lower_is_better")
SCORE = Metric(pilot=PILOT, ref="score", name="Health score", direction="higher_is_better")


def a_rule(metric: Metric = HOURS, **fields: Any) -> Condition:
    fields = {"kind": "stop_condition", "comparison": "worsen_by", "limit": 0.1, "scope": "overall"} | fields
    return Condition(pilot=PILOT, metric=metric, ref="S1", **fields)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        pytest.param(a_rule(), "Resolution time is 10% higher than before", id="worse is higher"),
        pytest.param(a_rule(SCORE), "Health score is 10% lower than before", id="or lower"),
        pytest.param(
            a_rule(comparison="improve_by", limit=0.025),
            "Resolution time is 2.5% lower than before",
            id="better is the other way",
        ),
        pytest.param(a_rule(limit=0.0), "Resolution time is higher than before", id="any change"),
        pytest.param(
            a_rule(scope="each:contract_tier"),
            "Resolution time is 10% higher than before, in any contract tier",
            id="one of them is enough to stop",
        ),
        pytest.param(
            a_rule(scope="each:severity", kind="threshold", comparison="improve_by"),
            "Resolution time is 10% lower than before, in every severity",
            id="all are needed to scale up",
        ),
        pytest.param(
            a_rule(scope="tier=gold|severity=high"),
            "Resolution time is 10% higher than before, for gold and high",
            id="one segment",
        ),
        pytest.param(
            a_rule(sustained_periods=3, sustained_days=7),
            "Resolution time is 10% higher than before, for 3 readings in a row and 7 days",
            id="lasting",
        ),
        pytest.param(
            a_rule(comparison="", limit=None, data_state="stale"),
            "Resolution time has late readings",
            id="silence",
        ),
    ],
)
def test_a_rule_in_words(rule: Condition, words: str) -> None:
    assert rule_words(rule) == words


@pytest.mark.django_db
def test_an_absolute_limit_has_the_metric_s_unit() -> None:
    from tests.builders import a_metric, a_pilot

    rule = a_rule(a_metric(a_pilot()), comparison="above", limit=24.0)
    assert rule_words(rule) == "Resolution time is above 24 h"


def test_who_is_told_is_a_role_or_an_address() -> None:
    told = ["decision_owner", "pilot_owner", "mei@example.org"]
    assert told_words(a_rule(notify=told)) == "decision owner, pilot owner and mei@example.org"
