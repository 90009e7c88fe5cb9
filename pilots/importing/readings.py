"""Readings files, CSV or NDJSON: daily aggregates, or single cases that are added up here."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import BinaryIO

from pilots.evaluation.specs import AccountSum
from pilots.importing.errors import Problem
from pilots.importing.reading_context import ReadingContext, Refused
from pilots.importing.reading_rows import Case, Row, RowReader
from pilots.importing.records import Record, json_record, records_of
from pilots.importing.row_ledger import RowLedger
from pilots.importing.tallies import Tallies
from pilots.importing.text_rows import Progress

__all__ = ["Progress", "ReadingContext", "Row", "read_json_readings", "read_readings", "read_records"]


def read_readings(
    stream: BinaryIO,
    *,
    file: str,
    known: ReadingContext,
    partial: bool = False,
    progress: Progress | None = None,
    accounts: list[AccountSum] | None = None,
) -> Iterator[Row | Problem]:
    """Yield the good rows of a file and the problems of the others, in bounded memory.

    Rows that contradict each other are all refused, whichever stands first. That shows only at
    the end: unless `partial`, rows have been handed over by then, and one problem anywhere means
    that none of them may be kept. With `partial` the file is read twice: problems first, then
    only the rows that may be kept. `progress` is told the bytes read since it was told last.

    Single cases (column `value`) are added up to what was known of their day at each `as_of`; a
    file must hold all cases of the days it speaks of. Those of a `geometric_mean` metric are
    taken as log(1 + x); aggregates of such a metric must be sums of log(1 + x) already. What each
    account added is appended to `accounts` in the end, where single cases name one.
    """
    with _rewindable(stream) as source:
        records = lambda: records_of(source, file=file, progress=progress)  # noqa: E731
        yield from _read(records, RowReader(known), file, partial=partial, accounts=accounts)


def read_json_readings(
    rows: Sequence[object], *, file: str = "", known: ReadingContext, partial: bool = False
) -> Iterator[Row | Problem]:
    """Read rows that came as parsed JSON objects; their line is their position, counted from 1."""
    records = lambda: (json_record(row, file=file, line=line) for line, row in enumerate(rows, 1))  # noqa: E731
    yield from _read(records, RowReader(known), file, partial=partial)


def read_records(
    records: Callable[[], Iterable[Record | Problem]],
    *,
    file: str,
    known: ReadingContext,
    accounts: list[AccountSum] | None = None,
) -> Iterator[Row | Problem]:
    """Read rows that were found elsewhere; those that contradict each other show at the end."""
    yield from _read(records, RowReader(known), file, partial=False, accounts=accounts)


def _read(
    records: Callable[[], Iterable[Record | Problem]],
    reader: RowReader,
    file: str,
    *,
    partial: bool,
    accounts: list[AccountSum] | None = None,
) -> Iterator[Row | Problem]:
    cases = Tallies()
    with closing(RowLedger()) as ledger:
        for item in _understood(records(), reader, file):
            if isinstance(item, Case):
                cases.add(item.key, item.as_of, item.value, line=item.line, account=item.account)
                continue
            if isinstance(item, Row):
                ledger.note(item.reading, item.line)
            if not partial or isinstance(item, Problem):
                yield item
        contradicted = dict(sorted(ledger.contradictions()))
    for line, other in contradicted.items():
        reason = f"contradicts line {other}: same day, arm, segment, metric and as_of, other numbers"
        yield Problem(reason, file=file, line=line)
    yield from (Row(reading, line) for line, reading in cases.readings())
    if accounts is not None:
        accounts.extend(cases.account_sums())
    for item in _understood(records(), reader, file) if partial and not cases else ():
        if isinstance(item, Row) and item.line not in contradicted:
            yield item


def _understood(
    records: Iterable[Record | Problem], reader: RowReader, file: str
) -> Iterator[Row | Case | Problem]:
    for record in records:
        if isinstance(record, Problem):
            yield record
            continue
        try:
            yield reader.read(record)
        except Refused as refused:
            yield Problem(refused.reason, file=file, line=record.line, field=refused.field)


@contextmanager
def _rewindable(stream: BinaryIO) -> Iterator[BinaryIO]:
    """Give a stream that can be read twice; one that cannot (a pipe) is copied to a temporary file."""
    if stream.seekable():
        yield stream
        return
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(stream, copy)
        yield copy
