"""The rows of readings files, CSV or NDJSON, as texts in one fixed order of columns."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, BinaryIO, NamedTuple

from pilots.importing.decoding import BYTE_ORDER_MARK
from pilots.importing.errors import Problem
from pilots.importing.spelling import unknown
from pilots.importing.text_rows import Progress, csv_rows, text_lines

WHO = ("observed_on", "as_of", "arm", "segment", "metric")
AGGREGATE = (*WHO, "n", "sum", "sum_sq")
RAW = (*WHO, "value", "account")
MAY_LACK_IN_CSV = frozenset({"account"})
MAY_LACK_IN_JSON = frozenset({"as_of", "arm", "segment", "sum_sq", "account"})


class Record(NamedTuple):
    """One row: its line, its columns (`AGGREGATE` or `RAW`) and their texts, "" where nothing is written."""

    line: int
    columns: tuple[str, ...]
    texts: Sequence[str]


def records_of(
    stream: BinaryIO, *, file: str, progress: Progress | None = None
) -> Iterator[Record | Problem]:
    """Yield the rows of a file from its beginning, and what is wrong with lines that are none.

    A file whose first character is `{` is NDJSON, any other CSV. `progress` is told the bytes read.
    """
    stream.seek(0)
    start = stream.read(4096).removeprefix(BYTE_ORDER_MARK).lstrip()
    stream.seek(0)
    lines = text_lines(stream, file=file, progress=progress)
    return ndjson(lines, file) if start.startswith(b"{") else _csv(lines, file)


def _csv(lines: Iterator[str | Problem], file: str) -> Iterator[Record | Problem]:
    header: list[str] = []
    for line, row in csv_rows(lines, file=file):
        if isinstance(row, Problem):
            yield row
        elif not header:
            header = [name.strip().lower() for name in row]
            columns = RAW if "value" in header else AGGREGATE
            faults = list(_header_faults(header, columns))
            yield from (Problem(reason, file=file, line=line, field=name) for name, reason in faults)
            if faults:
                return
            # A column that may be lacking stands behind the last one, where an empty text is put.
            places = itemgetter(*(header.index(name) if name in header else len(header) for name in columns))
        elif len(row) != len(header):
            yield Problem(f"{len(row)} fields where the header has {len(header)}", file=file, line=line)
        else:
            yield Record(line, columns, places([*row, ""]))
    if not header:
        yield Problem(f"no header; expected {','.join(AGGREGATE)}", file=file, line=1)


def _header_faults(header: Sequence[str], columns: Collection[str]) -> Iterator[tuple[str, str]]:
    if len(header) == 1 and any(mark in header[0] for mark in ";\t|"):
        yield header[0], "the columns must be parted by commas"
        return
    for name in sorted(set(header) - set(columns)):
        yield name, unknown("column", name, columns)
    for name in sorted({name for name in header if header.count(name) > 1}):
        yield name, f"the column {name} is there twice"
    for name in columns:
        if name not in header and name not in MAY_LACK_IN_CSV:
            yield name, f"the column {name} is missing"


def ndjson(
    lines: Iterator[str | Problem], file: str, *, seen: Callable[[Any], Any] = lambda row: row
) -> Iterator[Record | Problem]:
    """Read one record a line; `seen` turns what a line holds into the columns that are known."""
    for number, line in enumerate(lines, start=1):
        if isinstance(line, Problem):
            yield line
        if isinstance(line, Problem) or not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield Problem(f"not readable as JSON: {error}", file=file, line=number)
            continue
        yield json_record(seen(row), file=file, line=number)


def json_record(row: object, *, file: str, line: int) -> Record | Problem:
    """Read one JSON object: numbers as numbers or texts, null and absent as empty."""
    if not isinstance(row, Mapping):
        return Problem("expected an object {…}", file=file, line=line)
    columns = RAW if "value" in row else AGGREGATE
    for name, value in row.items():
        if name not in columns:
            return Problem(unknown("field", str(name), columns), file=file, line=line, field=str(name))
        if isinstance(value, bool) or not isinstance(value, str | int | float | None):
            return Problem("expected a text or a number", file=file, line=line, field=name)
    for name in columns:
        if name not in row and name not in MAY_LACK_IN_JSON:
            return Problem(f"{name} is missing", file=file, line=line, field=name)
    texts = ("" if row.get(name) is None else str(row[name]) for name in columns)
    return Record(line, columns, tuple(texts))
