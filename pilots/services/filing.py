"""What each part of a pilot file is as a row, and what each row is as a part."""

from __future__ import annotations

from typing import Any

from pilots.evaluation.vocabulary import Comparison, ConditionKind, Direction, Method, MetricKind, Severity
from pilots.importing.pilot_parts import ConditionPart, DriverPart, MetricPart, StagePart, WindowPart
from pilots.models import Condition, Driver, Metric, Pilot, Stage, User
from pilots.services.assigning import person


def stage_fields(part: StagePart) -> dict[str, Any]:
    return {
        "name": part.name,
        "exposure_share": part.share,
        "exposure_segments": list(part.segments),
        "min_days": part.min_days,
        "min_sample": part.min_sample,
    }


def stage_part(stage: Stage) -> StagePart:
    return StagePart(
        name=stage.name,
        share=stage.exposure_share,
        segments=tuple(stage.exposure_segments),
        min_days=stage.min_days,
        min_sample=stage.min_sample,
    )


def metric_fields(part: MetricPart) -> dict[str, Any]:
    fields = {
        "ref": part.ref,
        "name": part.name,
        "unit": part.unit,
        "direction": part.direction.value,
        "kind": part.kind.value,
        "cadence_days": part.cadence_days,
        "maturity_days": part.maturity_days,
        "window_days": part.window_days,
        "grace_days": part.grace_days,
        "owner": person(part.owner) if part.owner else None,
        "no_entry_is_zero": part.no_entry_is_zero,
    }
    return fields | ({"no_entry_reason": "Said so by the pilot file"} if part.no_entry_is_zero else {})


def metric_part(metric: Metric) -> MetricPart:
    newest = metric.baselines.order_by("-number").first()
    return MetricPart(
        ref=metric.ref,
        name=metric.name,
        unit=metric.unit,
        direction=Direction(metric.direction),
        kind=MetricKind(metric.kind),
        cadence_days=metric.cadence_days,
        maturity_days=metric.maturity_days,
        window_days=metric.window_days,
        grace_days=metric.grace_days,
        owner=_address(metric.owner),
        no_entry_is_zero=metric.no_entry_is_zero,
        baseline=WindowPart(first_day=newest.first_day, last_day=newest.last_day) if newest else None,
    )


def driver_fields(part: DriverPart) -> dict[str, Any]:
    return {
        "ref": part.ref,
        "name": part.name,
        "dimension": part.dimension,
        "baseline_value": part.value,
        "update_rule": part.update_rule,
        "update_every_days": part.update_every_days,
        "material_change": part.material_change,
        "required": part.required,
        "owner": person(part.owner) if part.owner else None,
    }


def driver_part(driver: Driver) -> DriverPart:
    return DriverPart(
        ref=driver.ref,
        name=driver.name,
        dimension=driver.dimension,
        value=driver.baseline_value,
        update_rule=driver.update_rule,
        update_every_days=driver.update_every_days,
        material_change=driver.material_change,
        required=driver.required,
        owner=_address(driver.owner),
    )


def condition_fields(part: ConditionPart, pilot: Pilot) -> dict[str, Any]:
    return {
        "kind": part.kind.value,
        "ref": part.ref,
        "metric": pilot.metrics.get(ref=part.metric) if part.metric else None,
        "driver": pilot.drivers.get(ref=part.driver) if part.driver else None,
        "comparison": part.comparison.value,
        "limit": part.limit,
        "clear_limit": part.clear,
        "scope": part.scope,
        "method": part.method.value,
        "sustained_periods": part.sustained,
        "recover_periods": part.recover,
        "window_days": part.window_days,
        "min_sample": part.min_sample,
        "alpha": part.alpha,
        "severity": part.severity.value,
        "must_watch": part.must_watch,
        "observe_only": part.observe_only,
        "notify": list(part.notify),
        "rationale": part.rationale,
    }


def condition_part(condition: Condition) -> ConditionPart:
    return ConditionPart(
        kind=ConditionKind(condition.kind),
        ref=condition.ref,
        comparison=Comparison(condition.comparison),
        limit=condition.limit or 0.0,
        clear=condition.clear_limit,
        metric=condition.metric.ref if condition.metric else "",
        driver=condition.driver.ref if condition.driver else "",
        scope=condition.scope,
        method=Method(condition.method),
        sustained=condition.sustained_periods,
        recover=condition.recover_periods,
        window_days=condition.window_days,
        min_sample=condition.min_sample,
        alpha=condition.alpha,
        severity=Severity(condition.severity),
        must_watch=condition.must_watch,
        observe_only=condition.observe_only,
        notify=tuple(condition.notify),
        rationale=condition.rationale,
    )


def _address(user: User | None) -> str:
    return user.email if user else ""
