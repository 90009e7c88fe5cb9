"""What each part of a pilot file is as a row, and what each row is as a part."""

from __future__ import annotations

from typing import Any

from pilots.evaluation.vocabulary import (
    Comparison,
    ConditionKind,
    DataState,
    Direction,
    Method,
    MetricKind,
    Severity,
)
from pilots.importing.pilot_parts import (
    ConditionPart,
    DriverPart,
    MetricPart,
    StagePart,
    WindowPart,
)
from pilots.models import Condition, Driver, Metric, Pilot, Stage, User
from pilots.services.assigning import person
from pilots.services.mixing import is_derived
from pilots.services.policy_files import policy_named

# What a file may leave out because the file itself, or what it belongs to, says it.
AS_DECIDED = "As decided."
AS_COUNTED = "Counted from the readings."


def stage_fields(part: StagePart) -> dict[str, Any]:
    return {
        "name": part.name,
        "exposure_share": part.share,
        "exposure_segments": list(part.segments),
        "min_days": part.min_days,
        "min_sample": part.min_sample,
        "planned_start": part.start,
        "planned_end": part.end,
    }


def stage_part(stage: Stage) -> StagePart:
    return StagePart(
        name=stage.name,
        share=stage.exposure_share,
        segments=tuple(stage.exposure_segments),
        min_days=stage.min_days,
        min_sample=stage.min_sample,
        start=stage.planned_start,
        end=stage.planned_end,
    )


def metric_fields(part: MetricPart) -> dict[str, Any]:
    return {
        "ref": part.ref,
        "name": part.name,
        "unit": part.unit,
        "direction": part.direction.value,
        "kind": part.kind.value,
        "cadence_days": part.cadence_days,
        "maturity_days": part.maturity_days,
        "window_days": part.window_days,
        "grace_days": part.grace_days,
        "min_sample": part.min_sample,
        "owner": person(part.owner) if part.owner else None,
        "no_entry_is_zero": part.no_entry_is_zero,
        "no_entry_reason": part.no_entry_reason,
    }


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
        min_sample=metric.min_sample,
        owner=_address(metric.owner),
        no_entry_is_zero=metric.no_entry_is_zero,
        no_entry_reason=metric.no_entry_reason,
        baseline=WindowPart(first_day=newest.first_day, last_day=newest.last_day) if newest else None,
    )


def driver_fields(part: DriverPart) -> dict[str, Any]:
    """Return what the file says. A mix without shares keeps those it has."""
    fields: dict[str, Any] = {
        "ref": part.ref,
        "name": part.name,
        "dimension": part.dimension,
        "update_rule": part.update_rule or (AS_COUNTED if part.dimension else ""),
        "update_every_days": part.update_every_days,
        "material_change": part.material_change,
        "required": part.required,
        "owner": person(part.owner) if part.owner else None,
    }
    if part.mix:
        fields["baseline_mix"] = dict(part.mix)
    if not part.dimension:
        fields["baseline_value"] = part.value
    return fields


def driver_part(driver: Driver) -> DriverPart:
    return DriverPart(
        ref=driver.ref,
        name=driver.name,
        dimension=driver.dimension,
        mix={} if is_derived(driver) else driver.baseline_mix,
        value=None if driver.dimension else driver.baseline_value,
        update_rule="" if driver.update_rule == AS_COUNTED else driver.update_rule,
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
        "name": part.name,
        "data_state": part.data_state.value if part.data_state else "",
        "comparison": part.comparison.value if part.comparison else "",
        "limit": part.limit,
        "clear_limit": part.clear,
        "scope": part.scope,
        "method": part.method.value,
        "sustained_periods": part.sustained,
        "sustained_days": part.sustained_days,
        "recover_periods": part.recover,
        "window_days": part.window_days,
        "min_sample": part.min_sample,
        "min_days": part.min_days,
        "alpha": part.alpha,
        "severity": part.severity.value,
        "must_watch": part.must_watch,
        "observe_only": part.observe_only,
        "notify": list(part.notify),
        "rationale": part.rationale or AS_DECIDED,
        **({"policy": policy_named(part.policy, pilot)} if part.policy else {}),
    }


def condition_part(condition: Condition) -> ConditionPart:
    return ConditionPart(
        kind=ConditionKind(condition.kind),
        ref=condition.ref,
        name=condition.name,
        data_state=DataState(condition.data_state) if condition.data_state else None,
        comparison=Comparison(condition.comparison) if condition.comparison else None,
        limit=condition.limit,
        clear=condition.clear_limit,
        metric=condition.metric.ref if condition.metric else "",
        driver=condition.driver.ref if condition.driver else "",
        scope=condition.scope,
        method=Method(condition.method),
        sustained=condition.sustained_periods,
        sustained_days=condition.sustained_days,
        recover=condition.recover_periods,
        window_days=condition.window_days,
        min_sample=condition.min_sample,
        min_days=condition.min_days,
        alpha=condition.alpha,
        severity=Severity(condition.severity),
        must_watch=condition.must_watch,
        observe_only=condition.observe_only,
        notify=tuple(condition.notify),
        policy=condition.policy.name if condition.policy else "",
        rationale="" if condition.rationale == AS_DECIDED else condition.rationale,
    )


def _address(user: User | None) -> str:
    return user.email if user else ""
