from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from math import sqrt
from random import Random

import pytest

from pilots.evaluation.moments import Moments
from pilots.evaluation.plans import Planned, horizon, plan_pilot
from pilots.evaluation.series import Series
from pilots.evaluation.specs import ConditionSpec, PilotSpec, Reading
from pilots.evaluation.vocabulary import Comparison, ConditionKind, Method, MetricKind, Truth
from tests.evaluation.builders import (
    BEFORE,
    START,
    a_baseline,
    a_metric,
    a_pilot,
    a_reading,
    a_stop,
    a_threshold,
    condition,
    days_of,
    look,
)

TIERS = ("basic", "premium")
DAYS = Series(days_of([19.0, 21.0] * 14, first=-27))


def noisy(chance: Random, tier: str, mean: float, *, first: int, count: int) -> list[Reading]:
    """Days of 40 cases whose mean differs from day to day as cases with a spread of half the mean do."""
    means = [mean * (1 + chance.gauss(0, 0.5 / sqrt(40))) for _ in range(count)]
    spread = (0.5 * mean) ** 2
    return [
        a_reading(number, segment=tier, moments=Moments(40, 40 * level, 40 * (level**2 + spread)))
        for number, level in enumerate(means, first)
    ]


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


TWO_TIERS = Series(
    [r for tier in ("basic", "premium") for r in days_of([19.0, 21.0] * 14, first=-27, segment=tier)]
)


def tiered(*rules: ConditionSpec) -> PilotSpec:
    metric = a_metric(baseline=a_baseline(moments={}))
    return a_pilot(*rules, metrics=(metric,), dimensions={"tier": ("basic", "premium")})


def gap_plan(comparison: Comparison, limit: float, *, day: int = 56) -> Planned:
    asked = a_stop(method=Method.INTERVAL, scope="gap:tier", comparison=comparison, limit=limit)
    return next(p for p in plan_pilot(tiered(asked), TWO_TIERS, day=day) if p.ref == "S1")


def test_a_gap_between_tiers_is_planned_before_its_limit_and_with_it() -> None:
    found = plan_pilot(tiered(a_stop(method=Method.INTERVAL, scope="gap:tier", limit=0.9)), TWO_TIERS)
    assert [(p.ref, p.scope) for p in found] == [
        ("", "overall"),
        ("", "overall"),
        ("", "gap:tier"),
        ("S1", "gap:tier"),
    ]
    assert found[3].provable == pytest.approx(0.9)
    assert found[3].sentence == (
        "Resolution time: at 200 cases a day, a gap of about 90% between the best and the worst tier "
        "is proven by day 56 in four of five pilots."
    )


def test_a_gap_takes_more_than_a_change_of_the_whole_and_less_with_more_days() -> None:
    whole = plan_pilot(tiered(), TWO_TIERS)[1].provable
    early, late = (gap_plan(Comparison.WORSEN_BY, 0.0, day=day).provable for day in (14, 56))
    assert whole is not None
    assert early is not None
    assert late is not None
    assert whole < late < early


def test_a_limit_that_a_gap_must_stay_under_is_held_against_what_chance_does() -> None:
    planned = gap_plan(Comparison.IMPROVE_BY, 0.02)
    assert planned.provable is not None
    assert planned.provable > 0.02
    assert "a gap under about" in planned.sentence
    assert planned.sentence.endswith("if every tier changes alike. Your rule asks for less than 2%.")


@pytest.mark.parametrize(
    ("dimensions", "series", "says"),
    [
        pytest.param({"tier": ("all",)}, DAYS, "fewer than two kinds of tier had cases", id="one category"),
        pytest.param(
            {"tier": ("all", "premium")}, DAYS, "fewer than two kinds of tier had cases", id="one with cases"
        ),
        pytest.param({"tier": ("basic", "premium")}, Series([]), "has no readings from", id="no readings"),
    ],
)
def test_why_a_gap_has_no_plan_is_said(
    dimensions: dict[str, tuple[str, ...]], series: Series, says: str
) -> None:
    asked = a_stop(method=Method.INTERVAL, scope="gap:tier")
    planned = plan_pilot(replace(tiered(asked), dimensions=dimensions), series)[-1]
    assert planned.provable is None
    assert says in planned.sentence


@pytest.mark.parametrize(
    ("comparison", "scale"),
    [
        pytest.param(Comparison.WORSEN_BY, 1.0, id="a gap of the size that was planned is proven"),
        pytest.param(Comparison.IMPROVE_BY, 0.0, id="and without one, a gap under the planned size"),
    ],
)
def test_four_of_five_pilots_prove_what_was_planned(comparison: Comparison, scale: float) -> None:
    proven, pilots = 0, 120
    for seed in range(pilots):
        chance = Random(seed)
        before = [day for tier in TIERS for day in noisy(chance, tier, 20.0, first=-27, count=28)]
        open_gap = a_stop(method=Method.INTERVAL, scope="gap:tier", comparison=comparison, limit=0.0)
        size = plan_pilot(tiered(open_gap), Series(before), day=30)[-1].provable
        assert size is not None
        limit = size if comparison is Comparison.IMPROVE_BY else 0.0
        rule = replace(open_gap, limit=limit)
        worse = {"basic": 20.0 * (1 + scale * size), "premium": 20.0}
        after = [day for tier in TIERS for day in noisy(chance, tier, worse[tier], first=1, count=30)]
        result = look(tiered(rule), [*before, *after], on_day=30)
        proven += condition(result, "S1", "gap:tier").truth is Truth.TRUE
    assert 0.7 <= proven / pilots <= 0.92
