"""Event maps: how the rows of an event log, one a case, become readings of a pilot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pilots.importing.fields import known as known_name
from pilots.importing.fields import share, words
from pilots.importing.marked_yaml import compose
from pilots.importing.reading_context import ReadingContext
from pilots.importing.tables import Faults, Table
from pilots.importing.timestamps import day_of

REFUSE = "refuse"


class MeasureKind(StrEnum):
    HOURS_BETWEEN = "hours_between"
    IS_TRUE = "is_true"
    COLUMN = "column"


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """The days on which a column of a case must lie, both included; None: no limit."""

    column: str
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmByColumn:
    column: str
    control: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmByHash:
    """Split by the hash of a column: equal values always land in the same arm."""

    column: str
    control_share: float
    salt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryRule:
    """Which category of a dimension a case is in. `other` None refuses a text that names none."""

    dimension: str
    column: str
    rename: Mapping[str, str]
    other: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What a case counts for in a metric, and the column that says when that was known ("": at once)."""

    metric: str
    kind: MeasureKind
    columns: tuple[str, ...]
    known: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventMap:
    case: str
    opened: str
    account: str
    where: tuple[Range, ...]
    arm: ArmByColumn | ArmByHash | None
    categories: tuple[CategoryRule, ...]
    measures: tuple[Measure, ...]

    @property
    def columns(self) -> frozenset[str]:
        """Return every column of the log that the map names."""
        ranges, rules = (rule.column for rule in self.where), (rule.column for rule in self.categories)
        measured = (column for measure in self.measures for column in (*measure.columns, measure.known))
        arm = self.arm.column if self.arm else ""
        return frozenset({self.case, self.opened, self.account, arm, *ranges, *rules, *measured}) - {""}


def load_event_map(data: bytes | str, *, file: str, known: ReadingContext) -> EventMap:
    """Read an event map for a pilot, or raise BadInput with every problem: file, line, field, reason."""
    faults = Faults(file)
    keys = ("case", "opened", "account", "where", "arm", "dimensions", "metrics")
    top = Table(compose(data, file=file), keys, faults)
    top.require("case", "opened", "metrics")
    event_map = EventMap(
        case=top.read("case", words, ""),
        opened=top.read("opened", words, ""),
        account=top.read("account", words, ""),
        where=_ranges(top.table("where", None)),
        arm=_arm(top.table("arm", ("column", "control", "hash_of", "control_share", "salt"))),
        categories=_categories(top.table("dimensions", None), known),
        measures=_measures(top.table("metrics", None), known),
    )
    faults.raise_any()
    return event_map


def _ranges(table: Table) -> tuple[Range, ...]:
    ranges = []
    for column in table.entries:
        limits = table.table(column, ("from", "to"))
        first, last = limits.read("from", day_of, None), limits.read("to", day_of, None)
        if first and last and last < first:
            limits.refuse("to", f"{last} is before the first day, {first}")
        ranges.append(Range(column=column, first=first, last=last))
    return tuple(ranges)


def _arm(table: Table) -> ArmByColumn | ArmByHash | None:
    if table.has("column") and not table.has("hash_of"):
        table.require("control")
        return ArmByColumn(column=table.read("column", words, ""), control=table.each("control", words))
    if table.has("hash_of") and not table.has("column"):
        table.require("control_share")
        return ArmByHash(
            column=table.read("hash_of", words, ""),
            control_share=table.read("control_share", _part, 0.0),
            salt=table.read("salt", words, ""),
        )
    if table.entries:
        table.faults.add(table.at, "the arm comes from one column or from the hash_of one")
    return None


def _part(text: str) -> float:
    if not 0 < share(text) < 1:
        raise ValueError(f"{text} is not between 0 % and 100 %")
    return share(text)


def _categories(table: Table, known: ReadingContext) -> tuple[CategoryRule, ...]:
    _refuse_unknown(table, "dimension", known.dimensions)
    for dimension in known.dimensions:
        table.require(dimension)
    there = [dimension for dimension in known.dimensions if dimension in table.entries]
    return tuple(_category(table.table(name, ("column", "rename", "other")), name, known) for name in there)


def _category(table: Table, dimension: str, known: ReadingContext) -> CategoryRule:
    table.require("column")
    category = known_name("category", known.dimensions[dimension])
    rename = table.table("rename", None)
    other = table.read("other", known_name("category", (REFUSE, *known.dimensions[dimension])), REFUSE)
    return CategoryRule(
        dimension=dimension,
        column=table.read("column", words, ""),
        rename={text: rename.read(text, category, "") for text in rename.entries},
        other=None if other == REFUSE else other,
    )


def _measures(table: Table, known: ReadingContext) -> tuple[Measure, ...]:
    _refuse_unknown(table, "metric", known.metrics)
    return tuple(_measure(table.table(ref, (*MeasureKind, "known")), ref) for ref in table.entries)


def _measure(table: Table, metric: str) -> Measure:
    kinds = [kind for kind in MeasureKind if table.has(kind)]
    if len(kinds) != 1:
        table.faults.add(table.at, f"exactly one of {', '.join(MeasureKind)} is needed")
    kind = kinds[0] if kinds else MeasureKind.COLUMN
    columns = table.each(kind, words)
    wanted = 2 if kind is MeasureKind.HOURS_BETWEEN else 1
    if kinds and len(columns) != wanted:
        table.refuse(kind, f"names {len(columns)} columns, {wanted} are needed")
    return Measure(metric=metric, kind=kind, columns=columns, known=table.read("known", words, ""))


def _refuse_unknown(table: Table, kind: str, names: Mapping[str, object]) -> None:
    for name in table.entries:
        try:
            known_name(kind, names)(name)
        except ValueError as error:
            table.refuse(name, str(error))
