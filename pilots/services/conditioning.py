"""Write the rules of a pilot, and retire them. A rule that changes starts a new streak."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from math import isfinite
from typing import Any

from django.db import transaction
from django.utils.text import capfirst

from pilots.evaluation.days import local_day
from pilots.evaluation.regions import backwards
from pilots.evaluation.specs import GAP, OVERALL
from pilots.evaluation.vocabulary import Comparison, ConditionKind, Direction, Method, MetricKind
from pilots.importing.pilot_parts import DEFAULT_SEVERITY, default_method
from pilots.importing.segments import canonical_scope
from pilots.models import Alert, Condition, Metric, Pilot, User
from pilots.services.addressing import can_be_named
from pilots.services.errors import Reason, Refused
from pilots.services.saving import allow_change, edit, lock, lock_pilot_to_edit, save
from pilots.services.touching import touch

RULE = frozenset(Condition.RULE_FIELDS)


@transaction.atomic
def save_condition(
    *,
    pilot_id: int,
    by: User,
    fields: Mapping[str, Any],
    condition_id: int | None = None,
    reason: str = "",
    seen_version: int | None = None,
    now: datetime,
) -> Condition:
    """Save a rule. A change of what it judges is a new version, and its streak starts over."""
    pilot = lock_pilot_to_edit(pilot_id, by=by)
    known = lock(pilot.conditions.all(), condition_id, seen_version=seen_version) if condition_id else None
    condition = known or Condition(pilot=pilot)
    implied = _method_after(known, fields) if known else defaults(fields)
    asked = {**implied, **_spelled(fields, pilot)}
    changed = edit(condition, asked, where="conditions")
    if known and not changed:
        return condition
    _refuse_nonsense(condition, pilot)
    allow_change(pilot, reason, "conditions")
    if known and not changed.isdisjoint(RULE):
        condition.rule_version += 1
    if pilot.started_at and not (known and changed.isdisjoint(RULE)):
        condition.counts_from = local_day(now, pilot.timezone)
    save(condition, by=by, reason=reason)
    touch(pilot.pk)
    return condition


@transaction.atomic
def retire_condition(*, condition_id: int, by: User, reason: str = "", now: datetime) -> Condition:
    """Take a rule out of force. Its record, and what was judged by it, stay."""
    pilot_id = Condition.objects.values_list("pilot_id", flat=True).get(pk=condition_id)
    pilot = lock_pilot_to_edit(pilot_id, by=by)
    condition = lock(pilot.conditions.all(), condition_id)
    if condition.retired_at:
        raise Refused(Reason(f"{condition} is retired already.", "conditions"))
    stop_alert = condition.alerts.unresolved().filter(kind=Alert.Kind.STOP_CONDITION).first()
    if stop_alert:
        raise Refused(Reason(f"Decide on {stop_alert.ref} first: {condition} raised it.", "alerts"))
    allow_change(pilot, reason, "conditions")
    condition.retired_at = now
    save(condition, by=by, reason=reason)
    touch(pilot.pk)
    return condition


def restart_streaks(metric: Metric, *, by: User, reason: str, now: datetime) -> None:
    """Let every rule on a metric count from today, where its pilot has started."""
    pilot = metric.pilot
    if pilot.started_at is None:
        return
    for condition in metric.conditions.in_force():
        condition.counts_from = local_day(now, pilot.timezone)
        save(condition, by=by, reason=reason)


def defaults(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the severity and the method of a rule that does not name them."""
    try:
        kind = ConditionKind(fields.get("kind", ""))
        comparison = Comparison(fields["comparison"]) if fields.get("comparison") else None
    except ValueError:
        return {}  # the field itself is refused by name
    metric = fields.get("metric")
    metric_kind = MetricKind(metric.kind) if isinstance(metric, Metric) else None
    judged_by_interval = comparison and metric_kind and default_method(comparison, metric_kind)
    return {"severity": DEFAULT_SEVERITY[kind].value, "method": (judged_by_interval or Method.POINT).value}


def _method_after(condition: Condition, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the method of a rule whose limit becomes of another sort, where none is named."""
    now = {"kind": condition.kind, "comparison": condition.comparison, "metric": condition.metric}
    before, after = defaults(now).get("method"), defaults({**now, **fields}).get("method")
    return {"method": after} if after and (after == Method.POINT or after != before) else {}


def _spelled(fields: Mapping[str, Any], pilot: Pilot) -> dict[str, Any]:
    """Write the scope in its one spelling, so that the same rule is never stored as two."""
    if not fields.get("scope"):
        return dict(fields)
    try:
        return {**fields, "scope": canonical_scope(fields["scope"], _dimensions(pilot))}
    except ValueError as error:
        raise Refused(Reason(f"{capfirst(str(error))}.", "conditions", "scope")) from error


def _refuse_nonsense(condition: Condition, pilot: Pilot) -> None:
    reasons = [Reason(text, "conditions", field) for field, text in _mistakes(condition, pilot)]
    if reasons:
        raise Refused(*reasons)


def _mistakes(condition: Condition, pilot: Pilot) -> Iterator[tuple[str, str]]:
    """Yield the field and the words of everything that does not fit together."""
    comparison = Comparison(condition.comparison) if condition.comparison else None
    subject = condition.metric or condition.driver
    if subject is None or subject.pilot_id != pilot.pk:
        yield "metric", "A rule watches a metric or a driver of its own pilot."
    if condition.driver and (condition.scope != OVERALL or condition.data_state):
        yield "scope", "A driver is watched as a whole, by its value."
    if condition.driver and comparison and comparison.is_relative:
        yield "comparison", "A driver has no better or worse; say below or above."
    if condition.scope.startswith(GAP) and len(_dimensions(pilot)[condition.scope.removeprefix(GAP)]) < 2:
        yield "scope", "A gap needs at least two categories."
    if condition.limit is not None and not isfinite(condition.limit):
        yield "limit", "The limit has to be a number."
    wrong_side = _wrong_side(condition, comparison)
    if wrong_side:
        yield "comparison", f"{capfirst(wrong_side)}."
    if comparison and condition.clear_limit is not None and _lies_beyond(condition, comparison):
        yield "clear_limit", "The clear limit lies beyond the limit itself."
    if condition.method == Method.INTERVAL and not _speaks_of_a_change(condition, comparison):
        yield "method", "Only a change against the baseline, and no total, is judged by its interval."
    if pilot.started_at and not condition.observe_only and not condition.rationale.strip():
        yield "rationale", "Say why this rule is right."
    for name in condition.notify:
        if not can_be_named(name):
            yield "notify", f"“{name}” is neither a role nor an email address."
    if condition.policy and condition.policy.pilot_id not in (None, pilot.pk):
        yield "policy", f"“{condition.policy}” belongs to another pilot."


def _wrong_side(condition: Condition, comparison: Comparison | None) -> str | None:
    if condition.metric is None or comparison is None:
        return None
    kind, direction = ConditionKind(condition.kind), Direction(condition.metric.direction)
    return backwards(kind, comparison, condition.scope, direction)


def _speaks_of_a_change(condition: Condition, comparison: Comparison | None) -> bool:
    metric_kind = MetricKind(condition.metric.kind) if condition.metric else None
    return default_method(comparison, metric_kind) is Method.INTERVAL


def _lies_beyond(condition: Condition, comparison: Comparison) -> bool:
    limit, clear = condition.limit or 0.0, condition.clear_limit or 0.0
    return clear < limit if comparison is Comparison.BELOW else clear > limit


def _dimensions(pilot: Pilot) -> dict[str, tuple[str, ...]]:
    return {name: tuple(categories) for name, categories in pilot.dimensions.items()}
