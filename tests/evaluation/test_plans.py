from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pilots.evaluation.plans import horizon, plan_pilot
from pilots.evaluation.series import Series
from pilots.evaluation.specs import PilotSpec
from pilots.evaluation.vocabulary import ConditionKind, Method, MetricKind
from tests.evaluation.builders import (
    BEFORE,
    START,
    a_baseline,
    a_metric,
    a_pilot,
    a_stop,
    a_threshold,
    days_of,
)

DAYS = Series(days_of([19.0, 21.0] * 14, first=-27))


def by_interval(**metric: object) -> PilotSpec:
    rules = (a_threshold(method=Method.INTERVAL), a_stop(method=Method.INTERVAL))
    return a_pilot(*rules, metrics=(a_metric(**metric),))


def test_each_metric_is_planned_before_its_limits_and_then_each_limit() -> None:
    found = plan_pilot(by_interval(), DAYS)
    assert [(p.ref, p.kind) for p in found] == [
        ("", ConditionKind.THRESHOLD),
        ("", ConditionKind.STOP_CONDITION),
        ("T1", ConditionKind.THRESHOLD),
        ("S1", ConditionKind.STOP_CONDITION),
    ]
    assert all(p.provable and p.day == 56 for p in found)


def test_a_new_stop_shares_the_risk_so_that_it_takes_more() -> None:
    alone = plan_pilot(a_pilot(metrics=(a_metric(),)), DAYS)[1]
    beside = plan_pilot(by_interval(), DAYS)[1]
    assert alone.provable is not None
    assert beside.provable is not None
    assert alone.provable < beside.provable


def test_cases_that_settle_late_leave_fewer_days() -> None:
    now, later = (plan_pilot(by_interval(maturity_days=days), DAYS, day=30)[0] for days in (0, 10))
    assert now.provable is not None
    assert later.provable is not None
    assert now.provable < later.provable


@pytest.mark.parametrize(
    ("metric", "says"),
    [
        pytest.param({"baseline": None}, "has no baseline yet", id="no baseline"),
        pytest.param(
            {"baseline": a_baseline(first_day=BEFORE + timedelta(days=10))},
            "the baseline is too short to prove a change, 18 days of at least 28",
            id="a short baseline",
        ),
        pytest.param({"kind": MetricKind.TOTAL}, "a total is compared as it is", id="a total"),
        pytest.param({"ref": "other"}, "has no readings from Mon 8 Dec to Sun 4 Jan yet", id="no readings"),
    ],
)
def test_what_is_missing_is_said(metric: dict[str, object], says: str) -> None:
    pilot = replace(a_pilot(), metrics=(a_metric(**metric),))
    planned = plan_pilot(pilot, DAYS)[0]
    assert planned.provable is None
    assert says in planned.sentence


def test_without_an_end_it_is_planned_for_ninety_days() -> None:
    assert horizon(a_pilot(end=None)) == 90
    assert horizon(a_pilot(end=START)) == 1
