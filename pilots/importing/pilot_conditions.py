"""The rules of a pilot file: thresholds, stop conditions and escalation triggers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pilots.evaluation.specs import OVERALL
from pilots.evaluation.vocabulary import Comparison, ConditionKind, Method, MetricKind, Severity
from pilots.importing.fields import address, flag, known, number, one_of, ref, share, whole, words
from pilots.importing.pilot_parts import (
    CONDITION_LISTS,
    DEFAULT_SEVERITY,
    ROLES,
    ConditionPart,
    DriverPart,
    MetricPart,
    default_method,
)
from pilots.importing.segments import Dimensions, canonical_scope
from pilots.importing.tables import Table

COMPARISONS = tuple(comparison.value for comparison in Comparison)
CONDITION_KEYS = (
    *("ref", "metric", "driver", *COMPARISONS, "scope", "method", "sustained", "recover", "clear"),
    *("window_days", "min_sample", "alpha", "severity", "must_watch", "observe_only", "notify", "rationale"),
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a condition may speak of."""

    metrics: Sequence[MetricPart]
    drivers: Sequence[DriverPart]
    dimensions: Dimensions

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
    comparison, limit, clear = _limit(table)
    metric, driver = _subject(table, comparison, around)
    method = default_method(comparison, around.kind_of(metric))
    return ConditionPart(
        kind=kind,
        ref=table.read("ref", ref, ""),
        comparison=comparison,
        limit=limit,
        clear=clear,
        metric=metric,
        driver=driver,
        scope=table.read("scope", lambda text: canonical_scope(text, around.dimensions), OVERALL),
        method=table.read("method", one_of("method", Method), method),
        sustained=table.read("sustained", whole(1), 1),
        recover=table.read("recover", whole(1), 3),
        window_days=table.read("window_days", whole(1), None),
        min_sample=table.read("min_sample", whole(1), None),
        alpha=table.read("alpha", _alpha, 0.05),
        severity=table.read("severity", one_of("severity", Severity), DEFAULT_SEVERITY[kind]),
        must_watch=table.read("must_watch", flag, False),
        observe_only=table.read("observe_only", flag, False),
        notify=table.each("notify", _recipient),
        rationale=table.read("rationale", words, ""),
    )


def _subject(table: Table, comparison: Comparison, around: Surroundings) -> tuple[str, str]:
    if table.has("metric") == table.has("driver"):
        table.refuse("driver", "a condition watches one metric or one driver")
    if table.has("driver") and comparison.is_relative:
        table.refuse(comparison.value, "a driver has no better or worse; write below or above")
    metric = table.read("metric", known("metric", [part.ref for part in around.metrics]), "")
    driver = table.read("driver", known("driver", [part.ref for part in around.drivers]), "")
    return metric, driver


def _limit(table: Table) -> tuple[Comparison, float, float | None]:
    """Read the one limit a condition has, and the limit at which it is clear again."""
    written = [key for key in COMPARISONS if table.has(key)]
    if len(written) != 1:
        said = f"{' and '.join(written)} are written" if written else "none is written"
        table.faults.add(table.at, f"exactly one of {', '.join(COMPARISONS)} is needed; {said}")
        return Comparison.ABOVE, 0.0, None
    comparison = Comparison(written[0])
    reader = share if comparison.is_relative else number
    limit, clear = table.read(comparison.value, reader, 0.0), table.read("clear", reader, None)
    if clear is not None and _beyond(comparison, clear, limit):
        table.refuse("clear", "the clear limit lies beyond the limit itself")
    return comparison, limit, clear


def _beyond(comparison: Comparison, clear: float, limit: float) -> bool:
    return clear < limit if comparison is Comparison.BELOW else clear > limit


def _alpha(text: str) -> float:
    if not 0 < number(text) < 0.5:
        raise ValueError(f"{text} is not between 0 and 0.5")
    return number(text)


def _recipient(text: str) -> str:
    return address(text) if "@" in text else known("role", ROLES)(text)
