"""The engine's memory of a pilot's rules and drivers: read before a look, written after it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from pilots.evaluation.documents import condition_json
from pilots.evaluation.judging import Memory, driver_key
from pilots.evaluation.memories import memory_json, memory_of_json
from pilots.evaluation.results import PilotResult
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


def recall(pilot_ids: Iterable[int]) -> dict[int, Remembered]:
    """Return what is remembered of each of some pilots."""
    known = {pilot_id: Remembered({}, {}) for pilot_id in pilot_ids}
    states = ConditionState.objects.filter(condition__pilot__in=known).select_related("condition")
    for state in states:
        known[state.condition.pilot_id].conditions[state.condition.ref, state.scope] = state
    for driver_state in DriverState.objects.filter(driver__pilot__in=known).select_related("driver"):
        known[driver_state.driver.pilot_id].drivers[driver_state.driver.ref] = driver_state
    return known


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was concluded of a pilot at an instant, and what was known of it before."""

    pilot: Pilot
    result: PilotResult
    known: Remembered
    memory: Memory
    now: datetime


def remember(lessons: Sequence[Lesson]) -> None:
    """Keep what was concluded; only rows that differ are written, those of nothing any more go."""
    _keep_conditions(lessons)
    _keep_drivers(lessons)


def _keep_conditions(lessons: Sequence[Lesson]) -> None:
    changed, gone = [], []
    for lesson in lessons:
        judged = {(row.condition.ref, row.scope): row for row in _condition_states(lesson)}
        known = lesson.known.conditions
        changed += [row for key, row in judged.items() if not _is_same(row, known.get(key))]
        gone += [state.pk for key, state in known.items() if key not in judged]
    ConditionState.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["condition", "scope"],
        update_fields=["episode", "since", "rule_version", "memory", "result", "updated_at"],
    )
    if gone:
        ConditionState.objects.filter(pk__in=gone).delete()


def _condition_states(lesson: Lesson) -> Iterator[ConditionState]:
    conditions = {condition.ref: condition for condition in lesson.pilot.conditions.all()}
    for found in lesson.result.conditions:
        condition = conditions[found.ref]
        yield ConditionState(
            condition=condition,
            scope=found.scope,
            episode=found.episode.value,
            since=found.since,
            rule_version=condition.rule_version,
            memory=memory_json(lesson.memory[found.ref, found.scope]),
            result=condition_json(found),
            updated_at=lesson.now,
        )


def _is_same(row: ConditionState, known: ConditionState | None) -> bool:
    if known is None:
        return False
    return (row.memory, row.result, row.rule_version) == (known.memory, known.result, known.rule_version)


def _keep_drivers(lessons: Sequence[Lesson]) -> None:
    changed = [row for lesson in lessons for row in _driver_states(lesson)]
    DriverState.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["driver"], update_fields=["memory", "updated_at"]
    )


def _driver_states(lesson: Lesson) -> Iterator[DriverState]:
    """Yield the state of each driver of which something new is to be remembered."""
    for driver in lesson.pilot.drivers.all():
        kept, before = lesson.memory.get(driver_key(driver.ref)), lesson.known.drivers.get(driver.ref)
        if kept is not None and (before is None or before.memory != memory_json(kept)):
            yield DriverState(driver=driver, memory=memory_json(kept), updated_at=lesson.now)
