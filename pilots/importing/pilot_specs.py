"""Pilot files as the evaluation wants them, for backtests that need no database."""

from __future__ import annotations

from datetime import UTC, datetime, time

from pilots.evaluation.specs import (
    BaselineSpec,
    ConditionSpec,
    DriverSpec,
    MetricSpec,
    PilotSpec,
    StageSpec,
)
from pilots.importing.pilot_parts import ConditionPart, DriverPart, MetricPart, PilotFile, StagePart
from pilots.importing.timestamps import zone_of


def spec_of(file: PilotFile) -> PilotSpec:
    """Describe the pilot of a file: each declared baseline window counts as final on the start day.

    The first stage runs from the start to the end, and the update of a plain number is never overdue:
    moving on and updating are people's acts, which no file holds. A mix is as fresh as the readings.
    """
    pilot, people = file.pilot, file.people
    pilot_owner = next(iter(people.pilot_owner), "")
    metric_owner = next(iter(people.metric_owner), pilot_owner)
    started = datetime.combine(pilot.start, time(), zone_of(pilot.timezone)).astimezone(UTC)
    return PilotSpec(
        ref=pilot.ref,
        title=pilot.title,
        timezone=pilot.timezone,
        start=pilot.start,
        end=pilot.end,
        metrics=tuple(_metric(part, metric_owner, started) for part in file.metrics),
        conditions=tuple(map(_condition, file.conditions)),
        drivers=tuple(_driver(part, pilot_owner) for part in file.drivers),
        dimensions=dict(file.dimensions),
        stage=_stage(file.stages[0], file) if file.stages else None,
        cadence_days=pilot.cadence_days,
    )


def _metric(part: MetricPart, owner: str, finalised_at: datetime) -> MetricSpec:
    window = part.baseline
    return MetricSpec(
        ref=part.ref,
        name=part.name,
        unit=part.unit,
        direction=part.direction,
        kind=part.kind,
        cadence_days=part.cadence_days,
        maturity_days=part.maturity_days,
        window_days=part.window_days,
        grace_days=part.grace_days,
        no_entry_is_zero=part.no_entry_is_zero,
        owner=part.owner or owner,
        baseline=BaselineSpec(1, window.first_day, window.last_day, finalised_at) if window else None,
    )


def _driver(part: DriverPart, owner: str) -> DriverSpec:
    return DriverSpec(
        ref=part.ref,
        name=part.name,
        dimension=part.dimension,
        baseline_value=part.value,
        material_change=part.material_change,
        update_every_days=part.update_every_days if part.dimension else None,
        required=part.required,
        owner=part.owner or owner,
    )


def _condition(part: ConditionPart) -> ConditionSpec:
    return ConditionSpec(
        ref=part.ref,
        kind=part.kind,
        comparison=part.comparison,
        limit=part.limit,
        metric=part.metric,
        driver=part.driver,
        data_state=part.data_state,
        name=part.name,
        scope=part.scope,
        method=part.method,
        sustained_periods=part.sustained,
        sustained_days=part.sustained_days,
        recover_periods=part.recover,
        clear_limit=part.clear,
        window_days=part.window_days,
        min_sample=part.min_sample,
        min_days=part.min_days,
        alpha=part.alpha,
        severity=part.severity,
        must_watch=part.must_watch,
        observe_only=part.observe_only,
    )


def _stage(part: StagePart, file: PilotFile) -> StageSpec:
    return StageSpec(
        order=1,
        name=part.name,
        first_day=file.pilot.start,
        planned_end=file.pilot.end,
        min_days=part.min_days,
        min_sample=part.min_sample,
        is_last=len(file.stages) == 1,
    )
