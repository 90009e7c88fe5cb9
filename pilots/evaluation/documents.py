"""Results as JSON documents: fixed names, fixed order, so that the same inputs give the same bytes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from pilots.evaluation.results import ConditionResult, DriverResult, Interval, MetricResult, PilotResult

Document = dict[str, Any]


def as_json(result: PilotResult) -> Document:
    """Return one pilot's part of the `evaluate --json` document."""
    return {
        "pilot": result.pilot,
        "verdict": result.verdict.value,
        "reason": result.reason,
        "sentence": result.sentence,
        "badges": list(result.badges),
        "conditions": [condition_json(condition) for condition in result.conditions],
        "metrics": [metric_json(metric) for metric in result.metrics],
        "drivers": [driver_json(driver) for driver in result.drivers],
        "next_look_at": instant_text(result.next_look_at),
    }


def canonical_bytes(result: PilotResult) -> bytes:
    """Return the bytes by which two results are the same."""
    document = {"as_of": instant_text(result.as_of), **as_json(result)}
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode()


def condition_json(condition: ConditionResult) -> Document:
    return {
        "ref": condition.ref,
        "kind": condition.kind.value,
        "scope": condition.scope,
        "metric": condition.metric,
        "data_state": condition.data_state.value,
        "truth": condition.truth.value,
        "episode": condition.episode.value,
        "value": condition.value,
        "baseline": condition.baseline,
        "change": condition.change,
        "low": condition.low,
        "high": condition.high,
        "limit": condition.limit,
        "n": condition.n,
        "since": _day_text(condition.since),
        "why": condition.why,
        "sentence": condition.sentence,
        "name": condition.name,
        "severity": condition.severity.value,
        "observe_only": condition.observe_only,
        "must_watch": condition.must_watch,
        "early_warning": condition.early_warning,
        "withdrawn": condition.withdrawn,
        "unsettled": condition.unsettled,
        "sample": condition.sample,
        "day": condition.day,
        "method": condition.method.value,
        "split": condition.split,
        "continued_on": _day_text(condition.continued_on),
        **interval_json(condition.interval),
    }


def interval_json(interval: Interval | None) -> Document:
    """Return what the interval method adds; of other methods every field is null."""
    found = interval or Interval()
    known = interval is not None
    return {
        "raw": found.raw,
        "mix": found.mix,
        "days_used": found.days if known else None,
        "days_without_readings": found.empty_days if known else None,
        "left_out": _spots_json(found.aside) if known else None,
        "held_by": _spots_json(found.held_by) if known else None,
        "worse_proven": found.worse if known else None,
        "better_proven": found.better if known else None,
        "known_by_day": found.known_by,
        "comparison_group": found.controlled if known else None,
    }


def _spots_json(spots: Sequence[tuple[date, str]]) -> list[Document]:
    return [{"day": day.isoformat(), "segment": segment} for day, segment in spots]


def metric_json(metric: MetricResult) -> Document:
    return {
        "ref": metric.ref,
        "name": metric.name,
        "state": metric.state.value,
        "sentence": metric.sentence,
        "last_day": _day_text(metric.last_day),
        "next_due": instant_text(metric.next_due),
        "overdue_after": instant_text(metric.overdue_after),
        "n": metric.n,
    }


def driver_json(driver: DriverResult) -> Document:
    return {
        "ref": driver.ref,
        "name": driver.name,
        "state": driver.state.value,
        "sentence": driver.sentence,
        "required": driver.required,
        "change": driver.change,
        "then": None if driver.then is None else dict(driver.then),
        "now": None if driver.now is None else dict(driver.now),
        "psi": driver.psi,
        "divergence": driver.divergence,
        "impact_on": driver.impact_on,
        "low": driver.low,
        "high": driver.high,
        "limit": driver.limit,
        "since": _day_text(driver.since),
        "valid_on": _day_text(driver.valid_on),
    }


def instant_text(instant: datetime | None) -> str | None:
    """Write an instant as RFC 3339 in UTC."""
    return None if instant is None else instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _day_text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
