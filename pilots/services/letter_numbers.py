"""The numbers in a mail: those behind its own rule, and where the pilot's other rules stand."""

from __future__ import annotations

from datetime import date

from pilots.evaluation.results import ConditionResult, PilotResult
from pilots.evaluation.specs import MetricSpec, PilotSpec
from pilots.evaluation.vocabulary import Comparison, ConditionKind, Episode, Truth
from pilots.evaluation.wording import amount, counted, number, on, percent, scope_words, sentence_case

_KINDS = {
    ConditionKind.THRESHOLD: "Scale up",
    ConditionKind.STOP_CONDITION: "Stop",
    ConditionKind.ESCALATION_TRIGGER: "Escalate",
}


def numbers_of(found: ConditionResult, pilot: PilotSpec, result: PilotResult | None) -> list[tuple[str, str]]:
    """Return the numbers behind a condition, as label and words; what is not known is left out."""
    metric = _metric_of(found, pilot)
    rows = [
        ("Now", _value(found.value, metric)),
        ("Before", _value(found.baseline, metric)),
        ("Change", _change(found.change, found)),
        ("Your limit", _limit(found, pilot, metric)),
        ("Cases", counted(found.n, "case") if found.n else None),
        ("Last reading", _day(_last_day(found, result))),
        ("Since", _day(found.since)),
    ]
    return [(label, words) for label, words in rows if words]


def _metric_of(found: ConditionResult, pilot: PilotSpec) -> MetricSpec | None:
    return next((m for m in pilot.metrics if m.ref == found.metric), None)


def _value(value: float | None, metric: MetricSpec | None) -> str | None:
    if value is None:
        return None
    return amount(value, metric) if metric else number(value)


def _change(change: float | None, found: ConditionResult) -> str | None:
    if change is None:
        return None
    if found.scope.startswith("gap:"):
        return f"{percent(change)} apart"
    if not change:
        return "as before"
    return f"{percent(change, unlike=found.limit)} {'higher' if change > 0 else 'lower'}"


def _limit(found: ConditionResult, pilot: PilotSpec, metric: MetricSpec | None) -> str | None:
    spec = next((c for c in pilot.conditions if c.ref == found.ref), None)
    if spec is None or found.limit is None:
        return None
    if spec.spans_a_gap:
        return f"{percent(found.limit)} apart"
    if spec.comparison in (Comparison.ABOVE, Comparison.BELOW):
        return f"{spec.comparison.value} {_value(found.limit, metric)}"
    return f"{percent(found.limit)} {'higher' if found.limit > 0 else 'lower'}"


def _last_day(found: ConditionResult, result: PilotResult | None) -> date | None:
    metrics = result.metrics if result else ()
    return next((m.last_day for m in metrics if m.ref == found.metric), None)


def _day(day: date | None) -> str | None:
    return on(day) if day else None


def others_of(
    pilot: PilotSpec, result: PilotResult | None, *, apart_from: ConditionResult | None
) -> list[tuple[str, str, str]]:
    """Return how the pilot's other rules stand: what is measured, where it is, how the rule stands."""
    found = result.conditions if result else ()
    return [_other(c, pilot) for c in found if c is not apart_from and not c.observe_only]


def _other(found: ConditionResult, pilot: PilotSpec) -> tuple[str, str, str]:
    metric = _metric_of(found, pilot)
    what = sentence_case(f"{metric.name if metric else found.name or found.ref}{scope_words(found.scope)}")
    now = _change(found.change, found) or _value(found.value, metric) or "not known"
    return what, now, f"{_KINDS[found.kind]} {found.ref}: {_state(found)}"


def _state(found: ConditionResult) -> str:
    threshold = found.kind is ConditionKind.THRESHOLD
    if found.episode in (Episode.FIRING, Episode.RECOVERING):
        return "met" if threshold else "past the limit"
    if found.truth is Truth.UNKNOWN:
        return "can’t be told yet"
    return "not met" if threshold else "clear"
