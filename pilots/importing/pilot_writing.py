"""A `PilotFile` written out as YAML, so that reading it back gives the same."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Any

import yaml

from pilots.evaluation.specs import OVERALL
from pilots.evaluation.vocabulary import Comparison
from pilots.importing.fields import share_text
from pilots.importing.pilot_parts import (
    CONDITION_LISTS,
    DEFAULT_SEVERITY,
    ConditionPart,
    DecisionPart,
    DriverPart,
    MetricPart,
    PilotFile,
    StagePart,
    WindowPart,
    default_method,
)
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
    """Return the pilot file as YAML. A condition's defaults are left out."""
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
        "reviews": _said(first=file.reviews.first, every_days=file.reviews.every_days),
    }
    return {key: part for key, part in document.items() if part}


def _decision(part: DecisionPart) -> Document:
    options = [_said(key=option.key, title=option.title, chosen=option.chosen) for option in part.options]
    return _said(
        ref=part.ref, title=part.title, framework=part.framework, statement=part.statement, options=options
    )


def _pilot(file: PilotFile) -> Document:
    people = {role: getattr(file.people, role) for role in type(file.people).__dataclass_fields__}
    return _said(
        ref=file.pilot.ref,
        title=file.pilot.title,
        timezone=file.pilot.timezone,
        start=file.pilot.start,
        end=file.pilot.end,
        people=_said(**people),
        dimensions={name: list(categories) for name, categories in file.dimensions.items()},
        stages=[_stage(stage) for stage in file.stages],
    )


def _stage(part: StagePart) -> Document:
    share = [] if part.share is None else [share_text(part.share)]
    exposure = [*share, *part.segments]
    return _said(
        name=part.name,
        exposure=exposure[0] if len(exposure) == 1 else exposure,
        min_days=part.min_days or None,
        min_sample=part.min_sample or None,
    )


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
        owner=part.owner,
        no_entry_is_zero=part.no_entry_is_zero,
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
    return _said(
        ref=part.ref,
        metric=part.metric,
        driver=part.driver,
        **{part.comparison.value: _limit(part.comparison, part.limit)},
        clear=None if part.clear is None else _limit(part.comparison, part.clear),
        scope=None if part.scope == OVERALL else part.scope,
        method=None if part.method is usual_method else part.method,
        sustained=None if part.sustained == 1 else part.sustained,
        recover=None if part.recover == 3 else part.recover,
        window_days=part.window_days,
        min_sample=part.min_sample,
        alpha=None if part.alpha == 0.05 else part.alpha,
        severity=None if part.severity is DEFAULT_SEVERITY[part.kind] else part.severity,
        must_watch=part.must_watch,
        observe_only=part.observe_only,
        notify=part.notify,
        rationale=part.rationale,
    )


def _limit(comparison: Comparison, limit: float) -> str | float:
    if comparison.is_relative:
        return share_text(limit)
    return int(limit) if limit == int(limit) else limit


def _said(**fields: object) -> Document:
    """Keep the fields that say something, in the plain types of YAML and JSON. Zero says something."""
    return {key: _plain(value) for key, value in fields.items() if value or type(value) in (int, float)}


def _plain(value: object) -> object:
    if isinstance(value, date | StrEnum):
        return str(value)
    return list(value) if isinstance(value, tuple) else value
