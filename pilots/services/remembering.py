"""The engine's memory of a pilot's rules and drivers: read before a look, written after it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from pilots.evaluation.documents import condition_json
from pilots.evaluation.judging import Memory, driver_key
from pilots.evaluation.memories import memory_json, memory_of_json
from pilots.evaluation.results import PilotResult
from pilots.models import ConditionState, DriverState, Pilot
from pilots.services.rows import insert_rows


class Kept(NamedTuple):
    """The stored state of a rule in one scope, or of a driver."""

    pk: int
    rule_version: int
    memory: dict[str, Any]
    warned: bool | None = None  # that a stop condition is past its limit below its floor


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is stored of a pilot's rules, by condition ref and scope, and of its drivers, by ref."""

    conditions: dict[tuple[str, str], Kept]
    drivers: dict[str, Kept]

    @property
    def memory(self) -> Memory:
        drivers = {driver_key(ref): kept.memory for ref, kept in self.drivers.items()}
        known = {key: kept.memory for key, kept in self.conditions.items()} | drivers
        return {key: memory_of_json(memory) for key, memory in known.items() if memory}


def recall(pilot_ids: Iterable[int]) -> dict[int, Remembered]:
    """Return what is remembered of each of some pilots."""
    known = {pilot_id: Remembered({}, {}) for pilot_id in pilot_ids}
    states = ConditionState.objects.filter(condition__pilot__in=known)
    columns = (
        "condition__pilot_id",
        "condition__ref",
        "scope",
        "pk",
        "rule_version",
        "memory",
        "result__early_warning",
    )
    for pilot_id, ref, scope, *kept in states.values_list(*columns):
        known[pilot_id].conditions[ref, scope] = Kept(*kept)
    driver_states = DriverState.objects.filter(driver__pilot__in=known)
    for pilot_id, ref, pk, memory in driver_states.values_list(
        "driver__pilot_id", "driver__ref", "pk", "memory"
    ):
        known[pilot_id].drivers[ref] = Kept(pk, 1, memory)
    return known


CONDITION_COLUMNS = (
    *("condition_id", "scope", "rule_version"),
    *("episode", "since", "memory", "result", "updated_at"),
)
DRIVER_COLUMNS = ("driver_id", "memory", "updated_at")


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is to be remembered of a pilot's look: the rows that differ, and the keys of those of nothing."""

    conditions: list[ConditionState]
    drivers: list[DriverState]
    gone: list[int]


def lesson_of(
    pilot: Pilot, result: PilotResult, memory: Memory, *, known: Remembered, is_news: bool, now: datetime
) -> Lesson:
    """Compare what was concluded with what is remembered; no news means that no result differs."""
    judged = {(row.condition.ref, row.scope): row for row in _condition_states(pilot, result, memory, now)}
    return Lesson(
        conditions=[
            row for key, row in judged.items() if is_news or not _is_same(row, known.conditions.get(key))
        ],
        drivers=list(_driver_states(pilot, known, memory, now)),
        gone=[kept.pk for key, kept in known.conditions.items() if key not in judged],
    )


def remember(lessons: Sequence[Lesson]) -> None:
    """Write what some looks taught."""
    conditions = [row for lesson in lessons for row in lesson.conditions]
    insert_rows(conditions, CONDITION_COLUMNS, unless=("condition_id", "scope"))
    drivers = [row for lesson in lessons for row in lesson.drivers]
    insert_rows(drivers, DRIVER_COLUMNS, unless=("driver_id",))
    gone = [pk for lesson in lessons for pk in lesson.gone]
    if gone:
        ConditionState.objects.filter(pk__in=gone).delete()


def _condition_states(
    pilot: Pilot, result: PilotResult, memory: Memory, now: datetime
) -> Iterator[ConditionState]:
    conditions = {condition.ref: condition for condition in pilot.conditions.all()}
    for found in result.conditions:
        condition = conditions[found.ref]
        yield ConditionState(
            condition=condition,
            scope=found.scope,
            episode=found.episode.value,
            since=found.since,
            rule_version=condition.rule_version,
            memory=memory_json(memory[found.ref, found.scope]),
            result=condition_json(found),
            updated_at=now,
        )


def _is_same(row: ConditionState, known: Kept | None) -> bool:
    return known is not None and (row.rule_version, row.memory) == (known.rule_version, known.memory)


def _driver_states(pilot: Pilot, known: Remembered, memory: Memory, now: datetime) -> Iterator[DriverState]:
    """Yield the state of each driver of which something new is to be remembered."""
    for driver in pilot.drivers.all():
        kept, before = memory.get(driver_key(driver.ref)), known.drivers.get(driver.ref)
        if kept is not None and (before is None or before.memory != memory_json(kept)):
            yield DriverState(driver=driver, memory=memory_json(kept), updated_at=now)
