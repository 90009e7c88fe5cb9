"""A `PilotFile` written out as YAML, so that reading it back gives the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

import yaml

from pilots.evaluation.specs import OVERALL
from pilots.importing.fields import SHARE, share_text
from pilots.importing.pilot_escalation import wait_text
from pilots.importing.pilot_parts import (
    CONDITION_LISTS,
    DEFAULT_SEVERITY,
    SHARED_ROLES,
    ConditionPart,
    DecisionPart,
    DriverPart,
    MetricPart,
    PeoplePart,
    PilotFile,
    PolicyPart,
    StagePart,
    StepPart,
    WindowPart,
    default_method,
)
from pilots.importing.segments import Dimensions
from pilots.importing.timestamps import DAY

Document = dict[str, Any]  # what YAML and JSON hold: tables, lists, texts, numbers, truths


class _Dumper(yaml.SafeDumper):
    """Write days without quotation marks, the way people write them."""

    def ignore_aliases(self, data: object) -> bool:
        return True

    def represent_str(self, data: str) -> yaml.ScalarNode:
        if DAY.fullmatch(data):
            return self.represent_scalar("tag:yaml.org,2002:timestamp", data)
        return super().represent_str(data)


_Dumper.add_representer(str, _Dumper.represent_str)


def dump(file: PilotFile) -> str:
    """Return the pilot file as YAML."""
    return yaml.dump(as_document(file), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


def as_document(file: PilotFile) -> Document:
    """Return the pilot file as a JSON-ready document; `parse` reads it back."""
    lists = {
        key: [_condition(part, file.metrics) for part in file.conditions if part.kind is kind]
        for key, kind in CONDITION_LISTS.items()
    }
    document = {
        "version": 1,
        "decision": _decision(file.decision) if file.decision else {},
        "pilot": _pilot(file),
        "metrics": [_metric(metric) for metric in file.metrics],
        "drivers": [_driver(driver) for driver in file.drivers],
        **lists,
        "escalation": [_policy(policy) for policy in file.escalation],
        "reviews": _said(first=file.reviews.first, every_days=file.reviews.every_days),
    }
    return {key: part for key, part in document.items() if part}


def _decision(part: DecisionPart) -> Document:
    options = [_said(key=option.key, title=option.title, chosen=option.chosen) for option in part.options]
    return _said(
        ref=part.ref, title=part.title, framework=part.framework, statement=part.statement, options=options
    )


def _pilot(file: PilotFile) -> Document:
    return _said(
        ref=file.pilot.ref,
        title=file.pilot.title,
        hypothesis=file.pilot.hypothesis,
        timezone=file.pilot.timezone,
        start=file.pilot.start,
        end=file.pilot.end,
        cadence_days=None if file.pilot.cadence_days == 1 else file.pilot.cadence_days,
        pause_on_stop=file.pilot.pause_on_stop,
        people=_people(file.people),
        dimensions={name: list(categories) for name, categories in file.dimensions.items()},
        stages=[_stage(stage, file.dimensions) for stage in file.stages],
    )


def _people(part: PeoplePart) -> Document:
    named = {role: _one_or_all(getattr(part, role)) for role in SHARED_ROLES if role != "informed"}
    return _said(decision_owner=part.decision_owner, **named, informed=part.informed)


def _stage(part: StagePart, dimensions: Dimensions) -> Document:
    share = [] if part.share is None else [share_text(part.share)]
    return _said(
        name=part.name,
        exposure=_one_or_all([*share, *(_segment(name, dimensions) for name in part.segments)]),
        min_days=part.min_days or None,
        min_sample=part.min_sample or None,
        start=part.start,
        end=part.end,
    )


def _segment(name: str, dimensions: Dimensions) -> str:
    return f"{next(iter(dimensions))}={name}" if SHARE.fullmatch(name) else name


def _one_or_all(items: Sequence[str]) -> str | Sequence[str]:
    return items[0] if len(items) == 1 else items


def _metric(part: MetricPart) -> Document:
    return _said(
        ref=part.ref,
        name=part.name,
        unit=part.unit,
        direction=part.direction,
        kind=part.kind,
        cadence_days=part.cadence_days,
        maturity_days=part.maturity_days,
        window_days=part.window_days,
        grace_days=part.grace_days,
        min_sample=part.min_sample,
        owner=part.owner,
        no_entry_is_zero=part.no_entry_is_zero,
        no_entry_reason=part.no_entry_reason,
        baseline=_window(part.baseline) if part.baseline else None,
    )


def _window(part: WindowPart) -> Document:
    return {"from": part.first_day.isoformat(), "to": part.last_day.isoformat()}


def _driver(part: DriverPart) -> Document:
    change = part.material_change
    said = _said(
        ref=part.ref,
        name=part.name,
        dimension=part.dimension,
        mix={name: share_text(share) for name, share in part.mix.items()},
        value=part.value,
        update_rule=part.update_rule,
        update_every_days=part.update_every_days,
        material_change=None if change is None else share_text(change),
        owner=part.owner,
    )
    return said if part.required else said | {"required": False}


def _condition(part: ConditionPart, metrics: Iterable[MetricPart]) -> Document:
    kind = next((metric.kind for metric in metrics if metric.ref == part.metric), None)
    usual_method = default_method(part.comparison, kind)
    limit = {part.comparison.value: _limit(part, part.limit)} if part.comparison else {}
    return _said(
        ref=part.ref,
        name=part.name,
        metric=part.metric,
        driver=part.driver,
        **limit,
        clear=_limit(part, part.clear),
        data_state=part.data_state,
        scope=None if part.scope == OVERALL else part.scope,
        method=None if part.method is usual_method else part.method,
        sustained=None if part.sustained == 1 else part.sustained,
        sustained_days=part.sustained_days or None,
        recover=None if part.recover == 3 else part.recover,
        window_days=part.window_days,
        min_sample=part.min_sample,
        min_days=part.min_days,
        alpha=None if part.alpha == 0.05 else part.alpha,
        severity=None if part.severity is DEFAULT_SEVERITY[part.kind] else part.severity,
        must_watch=part.must_watch,
        observe_only=part.observe_only,
        notify=part.notify,
        policy=part.policy,
        rationale=part.rationale,
    )


def _policy(part: PolicyPart) -> Document:
    return _said(name=part.name, default=part.is_default, steps=[_step(step) for step in part.steps])


def _step(part: StepPart) -> Document:
    how_long = wait_text(part.wait_minutes, working_time=part.working_time)
    return _said(notify=_one_or_all(part.notify), wait=how_long)


def _limit(part: ConditionPart, limit: float | None) -> str | float | None:
    if limit is None:
        return None
    if part.comparison and part.comparison.is_relative:
        return share_text(limit)
    return int(limit) if limit == int(limit) else limit


def _said(**fields: object) -> Document:
    """Keep the fields that say something, in the plain types of YAML and JSON. Zero says something."""
    return {key: _plain(value) for key, value in fields.items() if value or type(value) in (int, float)}


def _plain(value: object) -> object:
    if isinstance(value, date | StrEnum):
        return str(value)
    return list(value) if isinstance(value, tuple) else value
