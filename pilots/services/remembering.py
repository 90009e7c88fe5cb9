"""The engine's memory of a pilot's rules and drivers: read before a look, written after it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pilots.evaluation.documents import condition_json
from pilots.evaluation.judging import Memory, driver_key
from pilots.evaluation.memories import memory_json, memory_of_json
from pilots.evaluation.results import ConditionResult, PilotResult
from pilots.models import ConditionState, DriverState, Pilot


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is stored of a pilot's rules, by condition ref and scope, and of its drivers, by ref."""

    conditions: dict[tuple[str, str], ConditionState]
    drivers: dict[str, DriverState]

    @property
    def memory(self) -> Memory:
        drivers = {driver_key(ref): state.memory for ref, state in self.drivers.items()}
        known = {key: state.memory for key, state in self.conditions.items()} | drivers
        return {key: memory_of_json(memory) for key, memory in known.items() if memory}


def recall(pilot: Pilot) -> Remembered:
    states = ConditionState.objects.filter(condition__pilot=pilot).select_related("condition")
    drivers = DriverState.objects.filter(driver__pilot=pilot).select_related("driver")
    return Remembered(
        conditions={(state.condition.ref, state.scope): state for state in states},
        drivers={state.driver.ref: state for state in drivers},
    )


def remember(pilot: Pilot, result: PilotResult, known: Remembered, memory: Memory, *, now: datetime) -> None:
    """Keep what was concluded; only rows that differ are written, those of nothing any more go."""
    _keep_conditions(pilot, result.conditions, known, memory, now)
    _keep_drivers(pilot, known, memory, now)


def _keep_conditions(
    pilot: Pilot, found: Iterable[ConditionResult], known: Remembered, memory: Memory, now: datetime
) -> None:
    conditions = {condition.ref: condition for condition in pilot.conditions.all()}
    judged = {
        (one.ref, one.scope): ConditionState(
            condition=conditions[one.ref],
            scope=one.scope,
            episode=one.episode.value,
            since=one.since,
            rule_version=conditions[one.ref].rule_version,
            memory=memory_json(memory[one.ref, one.scope]),
            result=condition_json(one),
            updated_at=now,
        )
        for one in found
    }
    ConditionState.objects.bulk_create(
        [row for key, row in judged.items() if not _is_same(row, known.conditions.get(key))],
        update_conflicts=True,
        unique_fields=["condition", "scope"],
        update_fields=["episode", "since", "rule_version", "memory", "result", "updated_at"],
    )
    gone = [state.pk for key, state in known.conditions.items() if key not in judged]
    if gone:
        ConditionState.objects.filter(pk__in=gone).delete()


def _is_same(row: ConditionState, known: ConditionState | None) -> bool:
    if known is None:
        return False
    return (row.memory, row.result, row.rule_version) == (known.memory, known.result, known.rule_version)


def _keep_drivers(pilot: Pilot, known: Remembered, memory: Memory, now: datetime) -> None:
    rows = []
    for driver in pilot.drivers.all():
        kept, before = memory.get(driver_key(driver.ref)), known.drivers.get(driver.ref)
        if kept is not None and (before is None or before.memory != memory_json(kept)):
            rows.append(DriverState(driver=driver, memory=memory_json(kept), updated_at=now))
    DriverState.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["driver"], update_fields=["memory", "updated_at"]
    )
