"""The rules of a pilot file: thresholds, stop conditions and escalation triggers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from pilots.evaluation.regions import backwards
from pilots.evaluation.specs import GAP, OVERALL
from pilots.evaluation.vocabulary import (
    Comparison,
    ConditionKind,
    DataState,
    Direction,
    MetricKind,
    Severity,
)
from pilots.importing.fields import (
    days,
    flag,
    known,
    one_of,
    phrase,
    ref,
    whole,
    words,
)
from pilots.importing.pilot_escalation import recipient
from pilots.importing.pilot_limits import COMPARISONS, alpha, read_limit, read_method
from pilots.importing.pilot_parts import (
    CONDITION_LISTS,
    DEFAULT_SEVERITY,
    ConditionPart,
    DriverPart,
    MetricPart,
)
from pilots.importing.segments import Dimensions, canonical_scope
from pilots.importing.tables import Table

CONDITION_KEYS = (
    *("ref", "name", "metric", "driver", *COMPARISONS, "data_state", "scope", "method"),
    *("sustained", "sustained_days", "recover", "clear", "window_days", "min_sample", "min_days"),
    *("alpha", "severity", "must_watch", "observe_only", "notify", "policy", "rationale"),
)
LONGEST_SCOPE = 120


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a condition may speak of."""

    metrics: Sequence[MetricPart]
    drivers: Sequence[DriverPart]
    dimensions: Dimensions

    def direction_of(self, metric: str) -> Direction | None:
        return next((part.direction for part in self.metrics if part.ref == metric), None)

    def kind_of(self, metric: str) -> MetricKind | None:
        return next((part.kind for part in self.metrics if part.ref == metric), None)


def read_conditions(top: Table, around: Surroundings) -> tuple[ConditionPart, ...]:
    """Read the three lists; at least one condition must stand in them, each under a ref of its own."""
    if not any(top.has(key) for key in CONDITION_LISTS):
        top.faults.add(top.at, f"a pilot needs a condition: one of {', '.join(CONDITION_LISTS)}")
    conditions: dict[str, ConditionPart] = {}
    for key, kind in CONDITION_LISTS.items():
        for table in top.tables(key, CONDITION_KEYS):
            condition = _condition(table, kind, around)
            if condition.ref and condition.ref in conditions:
                table.refuse("ref", f"'{condition.ref}' is used twice")
            conditions[condition.ref] = condition
    return tuple(conditions.values())


def _condition(table: Table, kind: ConditionKind, around: Surroundings) -> ConditionPart:
    table.require("ref")
    comparison, limit, clear = read_limit(table)
    metric, driver = _subject(table, comparison, around)
    scope = _scope(table, around.dimensions)
    _refuse_wrong_side(table, kind, comparison, scope, around.direction_of(metric))
    return ConditionPart(
        kind=kind,
        ref=table.read("ref", partial(ref, most=30), ""),
        name=table.read("name", phrase(120), ""),
        comparison=comparison,
        limit=limit,
        clear=clear,
        data_state=table.read("data_state", one_of("data state", DataState), None),
        metric=metric,
        driver=driver,
        scope=scope,
        method=read_method(table, comparison, around.kind_of(metric)),
        sustained=table.read("sustained", days(1), 1),
        sustained_days=table.read("sustained_days", days(0), 0),
        recover=table.read("recover", days(1), 3),
        window_days=table.read("window_days", days(1), None),
        min_sample=table.read("min_sample", whole(0), None),
        min_days=table.read("min_days", days(0), None),
        alpha=table.read("alpha", alpha, 0.05),
        severity=table.read("severity", one_of("severity", Severity), DEFAULT_SEVERITY[kind]),
        must_watch=table.read("must_watch", flag, False),
        observe_only=table.read("observe_only", flag, False),
        notify=table.each("notify", recipient),
        policy=table.read("policy", phrase(80), ""),
        rationale=table.read("rationale", words, ""),
    )


def _subject(table: Table, comparison: Comparison | None, around: Surroundings) -> tuple[str, str]:
    if table.has("metric") == table.has("driver"):
        table.refuse("driver", "a condition watches one metric or one driver")
    if table.has("driver") and comparison and comparison.is_relative:
        table.refuse(comparison.value, "a driver has no better or worse; write below or above")
    for key in ("scope", "data_state") if table.has("driver") else ():
        if table.has(key) and table.entries[key].content != OVERALL:
            table.refuse(key, "a driver is watched as a whole, by its value")
    metric = table.read("metric", known("metric", [part.ref for part in around.metrics]), "")
    driver = table.read("driver", known("driver", [part.ref for part in around.drivers]), "")
    return metric, driver


def _scope(table: Table, dimensions: Dimensions) -> str:
    scope = table.read("scope", lambda text: canonical_scope(text, dimensions), OVERALL)
    if len(scope) > LONGEST_SCOPE:
        table.refuse("scope", f"has {len(scope)} characters; {LONGEST_SCOPE} fit")
    if scope.startswith(GAP) and len(dimensions[scope.removeprefix(GAP)]) < 2:
        table.refuse("scope", "a gap needs at least two categories")
    return scope


def _refuse_wrong_side(
    table: Table, kind: ConditionKind, comparison: Comparison | None, scope: str, direction: Direction | None
) -> None:
    wrong = comparison and direction and backwards(kind, comparison, scope, direction)
    if comparison and wrong and table.has(comparison.value):
        table.refuse(comparison.value, wrong)
