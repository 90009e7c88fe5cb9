"""Stories for the interval method: 100 cases a day around 20 hours, and 28 such days before."""

from __future__ import annotations

from typing import Any

from pilots.evaluation.results import ConditionResult, PilotResult
from pilots.evaluation.specs import ConditionSpec, MetricSpec, PilotSpec, Reading
from pilots.evaluation.vocabulary import Method
from tests.evaluation.builders import (
    a_baseline,
    a_metric,
    a_pilot,
    a_stop,
    a_threshold,
    a_trigger,
    condition,
    days_of,
    look,
)

BEFORE = days_of([20.0] * 28, first=-27)
TIERS = {"tier": ("basic", "premium")}


def threshold(ref: str = "T1", **changes: Any) -> ConditionSpec:
    return a_threshold(ref, method=Method.INTERVAL, **changes)


def stop(ref: str = "S1", **changes: Any) -> ConditionSpec:
    return a_stop(ref, method=Method.INTERVAL, **changes)


def trigger(ref: str = "E1", **changes: Any) -> ConditionSpec:
    return a_trigger(ref, method=Method.INTERVAL, **changes)


def hours(**changes: Any) -> MetricSpec:
    return a_metric(**{"baseline": a_baseline(moments={}), **changes})


def piloted(*rules: ConditionSpec, **changes: Any) -> PilotSpec:
    return a_pilot(*rules, **{"metrics": (hours(),), **changes})


def seen(
    *rules: ConditionSpec, days: list[Reading], on_day: int, before: list[Reading] = BEFORE, **changes: Any
) -> PilotResult:
    return look(piloted(*rules, **changes), [*before, *days], on_day=on_day)


def judged(
    rule: ConditionSpec, *, days: list[Reading], on_day: int, scope: str | None = None, **changes: Any
) -> ConditionResult:
    return condition(seen(rule, days=days, on_day=on_day, **changes), rule.ref, scope or rule.scope)
