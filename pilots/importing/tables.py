"""Tables of a composed file, read field by field; what is wrong is gathered and told at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TypeVar

from pilots.importing.errors import BadInput, Problem
from pilots.importing.marked_yaml import Value, joined
from pilots.importing.spelling import quoted, unknown

Read = TypeVar("Read")
Default = TypeVar("Default")


class Faults:
    """The problems found in one file so far."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Problem] = []

    def add(self, at: Value, reason: str) -> None:
        self.found.append(Problem(reason, file=self.file, line=at.line, field=at.path))

    def raise_any(self) -> None:
        """Raise BadInput with every problem in file order, where there is one."""
        if self.found:
            raise BadInput(*sorted(self.found, key=lambda problem: problem.line or 0))


class Table:
    """One table of a file. Keys that are not known are refused with the nearest known one."""

    def __init__(self, value: Value, known: Collection[str] | None, faults: Faults) -> None:
        self.at = value
        self.faults = faults
        self.entries: dict[str, Value] = {}
        self.readable = isinstance(value.content, dict) or value.content is None
        if isinstance(value.content, dict):
            self.entries = value.content
        elif value.content is not None:
            faults.add(value, "expected keys with values (key: value)")
        for key in self.entries if known is not None else ():
            if known is not None and key not in known:
                faults.add(self.entries[key], unknown("key", key, known))

    def has(self, key: str) -> bool:
        return key in self.entries and self.entries[key].content is not None

    def require(self, *keys: str) -> None:
        for key in keys:
            if not self.has(key):
                at = self.entries.get(key, Value(None, self.at.line, joined(self.at.path, key)))
                self.faults.add(at, f"{key} is missing")

    def read(self, key: str, reader: Callable[[str], Read], default: Default) -> Read | Default:
        """Return what `reader` makes of the field, or the default where nothing is written."""
        value = self.entries.get(key)
        if value is None or value.content is None:
            return default
        return self._understood(value, reader, default)

    def each(self, key: str, reader: Callable[[str], Read]) -> tuple[Read, ...]:
        """Return every item of a list; one text alone is a list of one. Duplicates are refused."""
        items: list[Read] = []
        for value in self._items(key):
            item = self._understood(value, reader, None)
            if item is not None and item in items:
                self.faults.add(value, f"{quoted(str(value.content))} is listed twice")
            elif item is not None:
                items.append(item)
        return tuple(items)

    def table(self, key: str, known: Collection[str] | None) -> Table:
        """Return the table under a key; an empty one where nothing is written."""
        empty = Value(None, self.at.line, joined(self.at.path, key))
        return Table(self.entries.get(key, empty), known, self.faults)

    def tables(self, key: str, known: Collection[str]) -> list[Table]:
        """Return the list of tables under a key."""
        value = self.entries.get(key)
        if value is not None and isinstance(value.content, str | dict):
            self.faults.add(value, "expected a list, one item a dash")
            return []
        tables = [Table(item, known, self.faults) for item in self._items(key)]
        return [table for table in tables if table.readable]

    def named(self, key: str, name: str, known: Collection[str]) -> list[Table]:
        """Return the list of tables under a key; each must hold a name that no other has."""
        tables = self.tables(key, known)
        seen: dict[str, Value] = {}
        for table in tables:
            table.require(name)
            value = table.entries.get(name)
            if value is None or not isinstance(value.content, str):
                continue
            first = seen.setdefault(value.content, value)
            if first is not value:
                place = f"; first on line {first.line}" if first.line else ""
                table.refuse(name, f"{quoted(value.content)} is used twice{place}")
        return tables

    def refuse(self, key: str, reason: str) -> None:
        self.faults.add(self.entries.get(key, self.at), reason)

    def _items(self, key: str) -> Iterable[Value]:
        value = self.entries.get(key)
        if value is None or value.content is None:
            return ()
        return value.content if isinstance(value.content, tuple) else (value,)

    def _understood(self, value: Value, reader: Callable[[str], Read], default: Default) -> Read | Default:
        if not isinstance(value.content, str):
            self.faults.add(value, "expected one value" if value.content is not None else "is empty")
            return default
        try:
            return reader(value.content.strip())
        except ValueError as error:
            self.faults.add(value, str(error))
            return default
