"""Pilots, rules and readings with working defaults: resolution time in hours, 100 cases a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pilots.evaluation.days import end_of_day
from pilots.evaluation.judging import Memory, evaluate
from pilots.evaluation.moments import Moments
from pilots.evaluation.results import ConditionResult, PilotResult
from pilots.evaluation.specs import (
    ALL_CASES,
    BaselineSpec,
    ConditionSpec,
    MetricSpec,
    PilotSpec,
    Reading,
)
from pilots.evaluation.vocabulary import Arm, Comparison, ConditionKind

START = date(2026, 1, 5)  # a Monday
BEFORE = START - timedelta(days=28)
END = START + timedelta(days=55)
FINAL = datetime(2026, 1, 4, 12, tzinfo=UTC)


def day(number: int) -> date:
    """Return a day of the pilot, counted from 1; 0 and below lie before it."""
    return START + timedelta(days=number - 1)


def at_end_of(number: int, timezone: str = "UTC") -> datetime:
    return end_of_day(day(number), timezone)


def a_baseline(**changes: Any) -> BaselineSpec:
    """A final baseline of 28 days with 20 hours a case, frozen."""
    frozen = {"moments": {ALL_CASES: cases(2800, 20.0)}} if "moments" not in changes else {}
    defaults = {
        "version": 1,
        "first_day": BEFORE,
        "last_day": START - timedelta(days=1),
        "finalised_at": FINAL,
    }
    return BaselineSpec(**{**defaults, **frozen, **changes})


def a_metric(**changes: Any) -> MetricSpec:
    defaults: dict[str, Any] = {
        "ref": "hours",
        "name": "Resolution time",
        "unit": "h",
        "owner": "Priya Nair",
        "window_days": 1,
        "baseline": changes.get("baseline", a_baseline()),
    }
    return MetricSpec(**{**defaults, **changes})


def a_threshold(ref: str = "T1", **changes: Any) -> ConditionSpec:
    """Scale up when resolution time is 5 % lower."""
    return _condition(ref, ConditionKind.THRESHOLD, Comparison.IMPROVE_BY, 0.05, changes)


def a_stop(ref: str = "S1", **changes: Any) -> ConditionSpec:
    """Stop when resolution time is 20 % higher."""
    return _condition(ref, ConditionKind.STOP_CONDITION, Comparison.WORSEN_BY, 0.2, changes)


def a_trigger(ref: str = "E1", **changes: Any) -> ConditionSpec:
    """Tell when resolution time is 10 % higher."""
    return _condition(ref, ConditionKind.ESCALATION_TRIGGER, Comparison.WORSEN_BY, 0.1, changes)


def _condition(
    ref: str, kind: ConditionKind, comparison: Comparison, limit: float, changes: Mapping[str, Any]
) -> ConditionSpec:
    defaults = {"metric": "hours", "comparison": comparison, "limit": limit}
    return ConditionSpec(ref=ref, kind=kind, **{**defaults, **changes})


def a_pilot(*conditions: ConditionSpec, **changes: Any) -> PilotSpec:
    defaults: dict[str, Any] = {
        "ref": "P-1",
        "title": "Support tiers",
        "timezone": "UTC",
        "start": START,
        "end": END,
        "metrics": (a_metric(),),
        "conditions": conditions,
    }
    return PilotSpec(**{**defaults, **changes})


def cases(n: int, mean: float) -> Moments:
    """Some cases around a mean, with a spread of half the mean."""
    return Moments(n=n, total=n * mean, total_sq=n * mean * mean * 1.25)


def a_reading(number: int, mean: float = 20.0, **changes: Any) -> Reading:
    """A day's 100 cases, known at the end of that day."""
    defaults: dict[str, Any] = {
        "metric": "hours",
        "day": day(number),
        "segment": ALL_CASES,
        "moments": cases(changes.pop("n", 100), mean),
        "as_of": at_end_of(number),
        "arm": Arm.PILOT,
    }
    return Reading(**{**defaults, **changes})


def days_of(means: Sequence[float | None], *, first: int = 1, **changes: Any) -> list[Reading]:
    """One reading a day with these means, in order; None is a day without a reading."""
    numbered = enumerate(means, first)
    return [a_reading(number, mean, **changes) for number, mean in numbered if mean is not None]


def look(
    pilot: PilotSpec, readings: Iterable[Reading], *, on_day: int, memory: Memory | None = None
) -> PilotResult:
    """Look at a pilot at the end of a day."""
    return evaluate(pilot, list(readings), memory=memory or {}, now=at_end_of(on_day, pilot.timezone))


def condition(result: PilotResult, ref: str = "T1", scope: str = "overall") -> ConditionResult:
    return next(c for c in result.conditions if (c.ref, c.scope) == (ref, scope))
