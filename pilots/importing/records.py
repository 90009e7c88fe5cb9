"""The rows of readings files, CSV or NDJSON, as texts in one fixed order of columns."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from operator import itemgetter
from typing import BinaryIO, NamedTuple

from pilots.importing.decoding import BYTE_ORDER_MARK, wrong_byte
from pilots.importing.errors import Problem
from pilots.importing.spelling import unknown

WHO = ("observed_on", "as_of", "arm", "segment", "metric")
AGGREGATE = (*WHO, "n", "sum", "sum_sq")
RAW = (*WHO, "value", "account")
MAY_LACK_IN_CSV = frozenset({"account"})
MAY_LACK_IN_JSON = frozenset({"as_of", "arm", "segment", "sum_sq", "account"})
PROGRESS_EVERY = 4096  # lines
LONGEST_LINE = 1 << 20  # bytes; more is not a row but a file without line ends

Progress = Callable[[int], object]


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
    bad_lines: list[Problem] = []
    lines = _lines(stream, file, bad_lines, progress or (lambda _: None))
    read = _ndjson if start.startswith(b"{") else _csv
    for item in read(lines, file):
        if bad_lines:
            yield from bad_lines
            bad_lines.clear()
        yield item
    yield from bad_lines


def _lines(stream: BinaryIO, file: str, bad: list[Problem], progress: Progress) -> Iterator[str]:
    """Yield the lines of a file; one that is not UTF-8 is noted and left blank, so that numbers stay."""
    size = 0
    for number, line in enumerate(iter(partial(stream.readline, LONGEST_LINE), b""), start=1):
        size += len(line)
        if number % PROGRESS_EVERY == 0:
            progress(size)
            size = 0
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            reason = f"longer than {LONGEST_LINE:,} bytes; nothing from here on is read"
            bad.append(Problem(reason, file=file, line=number))
            return
        try:
            yield (line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line).decode()
        except UnicodeDecodeError as error:
            bad.append(Problem(wrong_byte(error), file=file, line=number))
            yield "\n"
    progress(size)


def _csv(lines: Iterable[str], file: str) -> Iterator[Record | Problem]:
    rows = _csv_rows(lines, file)
    header: list[str] = []
    for line, row in rows:
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


def _csv_rows(lines: Iterable[str], file: str) -> Iterator[tuple[int, list[str] | Problem]]:
    """Yield every row that is not blank with the line it starts on."""
    reader = csv.reader(lines, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            to = f"; nothing up to line {reader.line_num} is read" if reader.line_num > line else ""
            yield line, Problem(f"not readable as CSV: {error}{to}", file=file, line=line)
            continue
        if row:
            yield line, row


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


def _ndjson(lines: Iterable[str], file: str) -> Iterator[Record | Problem]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield Problem(f"not readable as JSON: {error}", file=file, line=number)
            continue
        yield json_record(row, file=file, line=number)


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
