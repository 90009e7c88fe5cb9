"""Files as people send them to a page: any order and names of columns, read whole, in the order known."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import islice

from pilots.evaluation.specs import AccountSum
from pilots.importing.column_maps import ColumnMap, plain
from pilots.importing.errors import BadInput, Problem
from pilots.importing.reading_context import ReadingContext
from pilots.importing.reading_rows import Row
from pilots.importing.readings import read_records
from pilots.importing.records import WHO, Record, ndjson
from pilots.importing.text_rows import csv_rows, text_lines

DELIMITERS = ",;\t|"
METRIC = WHO.index("metric")
LONGEST_CELL = 40
LONGEST_SHOWN = 300  # characters of a line that was refused

Cell = Callable[[Sequence[str]], str]


@dataclass(frozen=True, slots=True)
class Shape:
    """How a file is laid out: the names of its columns and what parts them; "" of NDJSON."""

    names: tuple[str, ...]
    delimiter: str


@dataclass(frozen=True, slots=True)
class Upload:
    """What a file says: its good rows in the order in which they were known, and what is wrong."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    accounts: tuple[AccountSum, ...]


def shape_of(content: bytes, *, file: str) -> Shape:
    """Read the header of a file, or raise BadInput where there is none to read."""
    text, line = _first_line(content, file=file)
    if text.startswith("{"):
        return Shape(_keys(text, file=file, line=line), "")
    delimiter = max(DELIMITERS, key=text.count)
    _, row = next(csv_rows(iter([text]), file=file, delimiter=delimiter), (1, Problem("no header", file, 1)))
    if isinstance(row, Problem):
        raise BadInput(row)
    names = tuple(name.strip() for name in row)
    faults = [f"the column '{name}' is there twice" for name in sorted(set(names)) if names.count(name) > 1]
    if len(names) < 2:
        faults = ["the first line must name the columns, parted by commas, semicolons or tabs"]
    if faults:
        raise BadInput(*(Problem(fault, file=file, line=line) for fault in faults))
    return Shape(names, delimiter)


def read_upload(
    content: bytes,
    *,
    file: str,
    shape: Shape,
    columns: ColumnMap,
    known: ReadingContext,
    names: Mapping[str, str] | None = None,
) -> Upload:
    """Read a whole file. Rows that contradict each other are all refused, whichever stands first.

    A metric may be called by its ref, or as `names` calls it (name → ref).
    """
    refs = {plain(name): ref for name, ref in (names or {}).items()}
    accounts: list[AccountSum] = []
    rows: list[Row] = []
    problems: list[Problem] = []
    records = lambda: _called(_records(content, file=file, shape=shape, columns=columns), refs)  # noqa: E731
    for item in read_records(records, file=file, known=known, accounts=accounts):
        (rows if isinstance(item, Row) else problems).append(item)  # type: ignore[arg-type]
    refused = {problem.line for problem in problems}
    good = (row for row in rows if row.line not in refused)
    in_order = sorted(good, key=lambda row: (row.reading.as_of, row.line))
    return Upload(tuple(in_order), tuple(sorted(problems, key=lambda p: p.line or 0)), tuple(accounts))


def sample_of(start: bytes, shape: Shape, *, rows: int = 3) -> list[list[str]]:
    """Return the first rows of a file as they stand there, from its beginning; a row cut off is left out."""
    whole = start[: start.rfind(b"\n") + 1] or start
    lines = (line for line in text_lines(BytesIO(whole), file="") if not isinstance(line, Problem))
    if not shape.delimiter:
        found = (json.loads(line) for line in islice((line for line in lines if line.strip()), rows))
        return [[_short(str(row.get(name, ""))) for name in shape.names] for row in found]
    parted = (row for _, row in csv_rows(lines, file="", delimiter=shape.delimiter))
    readable = (row for row in parted if not isinstance(row, Problem) and len(row) == len(shape.names))
    return [[_short(text) for text in row] for row in islice(readable, 1, rows + 1)]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_CELL else f"{line[:LONGEST_CELL]}…"


def lines_at(content: bytes, numbers: Collection[int]) -> dict[int, str]:
    """Return the lines of a file by number, as far as they can be shown."""
    wanted, lines = set(numbers), content.split(b"\n")
    return {
        number: lines[number - 1]
        .decode(errors="replace")
        .replace("\x00", "\N{REPLACEMENT CHARACTER}")
        .strip()[:LONGEST_SHOWN]
        for number in wanted
        if 0 < number <= len(lines)
    }


def _first_line(content: bytes, *, file: str) -> tuple[str, int]:
    for number, line in enumerate(text_lines(BytesIO(content), file=file), start=1):
        if isinstance(line, Problem):
            how = " It looks like UTF-16." if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ""
            raise BadInput(Problem(f"{line.reason}.{how} Save it as CSV in UTF-8", file=file, line=line.line))
        if line.strip():
            return line.strip("\r\n"), number
    raise BadInput(Problem("the file is empty", file=file, line=1))


def _keys(text: str, *, file: str, line: int) -> tuple[str, ...]:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(Problem(f"not readable as JSON: {error}", file=file, line=line)) from None
    return tuple(map(str, row))


def _records(content: bytes, *, file: str, shape: Shape, columns: ColumnMap) -> Iterator[Record | Problem]:
    lines = text_lines(BytesIO(content), file=file)
    if not shape.delimiter:
        yield from _from_json(lines, columns, file)
        return
    cells = [_cell(name, columns, shape) for name in columns.fields]
    rows = csv_rows(lines, file=file, delimiter=shape.delimiter)
    next(rows)  # the header
    for line, row in rows:
        if isinstance(row, Problem):
            yield row
        elif len(row) != len(shape.names):
            reason = f"{len(row)} fields where the header has {len(shape.names)}"
            yield Problem(reason, file=file, line=line)
        else:
            yield Record(line, columns.fields, [cell(row) for cell in cells])


def _called(records: Iterator[Record | Problem], refs: Mapping[str, str]) -> Iterator[Record | Problem]:
    """Put a metric's ref in the place of its name."""
    for record in records:
        at = None if isinstance(record, Problem) else record.texts[METRIC]
        ref = None if at is None or at in refs.values() else refs.get(plain(at))
        if ref is None or isinstance(record, Problem):
            yield record
        else:
            texts = (*record.texts[:METRIC], ref, *record.texts[METRIC + 1 :])
            yield record._replace(texts=texts)


def _cell(name: str, columns: ColumnMap, shape: Shape) -> Cell:
    """Return how a field of a row is found among its texts."""
    if name == "segment" and columns.categories:
        places = {dimension: shape.names.index(at) for dimension, at in columns.categories.items()}
        return lambda row: "|".join(f"{dimension}={row[at].strip()}" for dimension, at in places.items())
    if name in columns.columns:
        at = shape.names.index(columns.columns[name])
        return lambda row: row[at].strip()
    fixed = columns.fixed.get(name, "")
    return lambda row: fixed


def _from_json(lines: Iterator[str | Problem], columns: ColumnMap, file: str) -> Iterator[Record | Problem]:
    return ndjson(lines, file, seen=lambda row: _renamed(row, columns) if isinstance(row, Mapping) else row)


def _renamed(row: Mapping[str, object], columns: ColumnMap) -> dict[str, object]:
    """Return an object under the names of our fields; what means nothing to us is left out."""
    renamed = {name: row[column] for name, column in columns.columns.items() if column in row}
    fixed = {name: value for name, value in columns.fixed.items() if name in columns.fields and value}
    if columns.categories:
        parts = (f"{dimension}={row.get(at, '')}" for dimension, at in columns.categories.items())
        fixed["segment"] = "|".join(parts)
    return fixed | renamed if columns.is_raw else {k: v for k, v in (fixed | renamed).items() if k != "value"}
