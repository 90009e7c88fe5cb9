"""Which rows of one file speak of the same cases at the same instant with other numbers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

from pilots.evaluation.specs import Reading

BATCH = 2_000


class RowLedger:
    """Notes every row by two 64-bit hashes in a temporary database that moves to disk as it grows.

    A set in memory would take some 500 MB for a file of 200 MB; this takes a few, and sorts on disk.
    """

    def __init__(self) -> None:
        self._rows = sqlite3.connect("")
        self._rows.execute("CREATE TABLE row (key INTEGER, numbers INTEGER, line INTEGER)")
        self._batch: list[tuple[int, int, int]] = []

    def note(self, reading: Reading, line: int) -> None:
        moments = reading.moments
        key = hash((reading.key, reading.as_of))
        self._batch.append((key, hash((moments.n, moments.total, moments.total_sq)), line))
        if len(self._batch) == BATCH:
            self._write()

    def contradictions(self) -> Iterator[tuple[int, int]]:
        """Yield each line that another one contradicts, with the first such other line."""
        self._write()
        torn = "SELECT key FROM row GROUP BY key HAVING min(numbers) <> max(numbers)"
        rows = self._rows.execute(f"SELECT * FROM row WHERE key IN ({torn}) ORDER BY key, line")  # noqa: S608
        for _, same_key in groupby(rows, key=itemgetter(0)):
            group = [(numbers, line) for _, numbers, line in same_key]
            first, first_line = group[0]
            other_line = next(line for numbers, line in group if numbers != first)
            yield from ((line, other_line if numbers == first else first_line) for numbers, line in group)

    def close(self) -> None:
        self._rows.close()

    def _write(self) -> None:
        self._rows.executemany("INSERT INTO row VALUES (?, ?, ?)", self._batch)
        self._batch.clear()
