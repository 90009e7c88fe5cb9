"""Which column of somebody's file means what: guessed from its header, changed by a person, remembered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from pilots.importing.reading_context import ReadingContext
from pilots.importing.records import AGGREGATE, RAW

FIELDS = tuple(dict.fromkeys((*AGGREGATE, *RAW)))
# What may be one value for every row of a file.
FIXABLE = ("metric", "arm", "segment")
# What people call these columns; compared without case and signs.
CALLED = {
    "observed_on": ("observed on", "day", "date", "observed", "opened on", "opened", "created on", "created"),
    "as_of": ("as of", "known on", "known at", "reported on", "updated on", "exported on"),
    "arm": ("arm", "group", "variant", "branch"),
    "segment": ("segment", "kind of case", "kind", "category"),
    "metric": ("metric", "measure", "kpi", "indicator"),
    "n": ("n", "cases", "count", "number of cases", "number", "tickets", "volume"),
    "sum": ("sum", "total", "sum of values"),
    "sum_sq": ("sum sq", "sum of squares", "squares", "sum squares", "total sq"),
    "value": ("value", "result", "measured"),
    "account": ("account", "customer", "client", "account id", "customer id"),
}
SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Where each field of a row stands: in a column of the file, or as one value for all rows.

    `categories` names a column for each dimension, where a segment is spread over several of them.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_raw(self) -> bool:
        """Whether a row is one case: then its value stands in a column of its own."""
        return "value" in self.columns

    @property
    def fields(self) -> tuple[str, ...]:
        return RAW if self.is_raw else AGGREGATE

    def places(self, name: str) -> bool:
        return name in self.columns or bool(self.fixed.get(name))

    def column_of(self, name: str) -> str:
        """Return what the file calls a field: its column, or those of a kind that is spread over several."""
        spread = ", ".join(self.categories.values()) if name == "segment" else ""
        return self.columns.get(name, spread)

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> ColumnMap:
        return cls(**{part: dict(kept.get(part, {})) for part in ("columns", "fixed", "categories")})

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def guess_columns(header: Sequence[str], known: ReadingContext) -> ColumnMap:
    """Return what the names of the columns most likely mean; what cannot be guessed is left out."""
    by_name = {plain(name): name for name in reversed(header)}
    columns = {
        name: by_name[called]
        for name, words in CALLED.items()
        if (called := next((word for word in (plain(name), *words) if word in by_name), None))
    }
    if {"n", "sum"} <= set(columns):  # counted up already: a value beside the sums is somebody's mean
        columns = {name: column for name, column in columns.items() if name not in ("value", "account")}
    categories = {name: by_name[plain(name)] for name in known.dimensions if plain(name) in by_name}
    if len(categories) < len(known.dimensions) or "segment" in columns:
        categories = {}
    if len(categories) == 1:  # the only dimension is the kind of case
        columns, categories = columns | {"segment": next(iter(categories.values()))}, {}
    only = next(iter(known.metrics), "")
    fixed = {"metric": only} if "metric" not in columns and len(known.metrics) == 1 else {}
    return ColumnMap(columns, fixed, categories)


def faults_of(columns: ColumnMap, header: Sequence[str], known: ReadingContext) -> Iterator[tuple[str, str]]:
    """Yield what a map lacks or has twice, as field and reason."""
    for name, column in (*columns.columns.items(), *columns.categories.items()):
        if column not in header:
            yield name, f"the file has no column '{column}'"
    for name in ("observed_on", "metric"):
        if not columns.places(name):
            yield name, MISSING[name]
    if not columns.is_raw:
        yield from ((name, MISSING[name]) for name in ("n", "sum") if not columns.places(name))
    elif columns.places("sum"):
        yield "value", "a row is one case, or several counted up: choose the value or the sum, not both"
    if (
        known.dimensions
        and not columns.places("segment")
        and set(columns.categories) != set(known.dimensions)
    ):
        yield "segment", MISSING["segment"]


MISSING = {
    "observed_on": "say which column holds the day",
    "metric": "say which column names the metric, or choose one metric for all rows",
    "segment": "say which column names the kind of case, or choose one kind for all rows",
    "n": "say which column counts the cases, or which holds the value of a single case",
    "sum": "say which column holds the sum, or which holds the value of a single case",
}


def plain(name: str) -> str:
    """Return a column's name without case and signs: "Sum of  squares" and "sum_of_squares" are one."""
    return SIGNS.sub(" ", name.casefold()).strip()
