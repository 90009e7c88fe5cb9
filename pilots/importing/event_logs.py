"""Event logs, one row a case, added up to what was known of each day at the end of every later day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from pilots.evaluation.specs import AccountSum
from pilots.importing.errors import BadInput, Problem
from pilots.importing.event_cases import CaseReader, EventCase
from pilots.importing.event_maps import EventMap, load_event_map
from pilots.importing.reading_context import ReadingContext, Refused
from pilots.importing.reading_rows import Row
from pilots.importing.spelling import unknown
from pilots.importing.tallies import Tallies
from pilots.importing.text_rows import Progress, csv_rows, text_lines

__all__ = ["EventAggregates", "EventMap", "aggregate_events", "load_event_map"]


@dataclass(frozen=True, slots=True)
class EventAggregates:
    """What a log came to. Every row read is a case of its own, replaced by a later one, or refused.

    Of the cases, `counted` count in at least one metric, `unfinished` lack at least one (by metric
    in `unfinished_in`) and `left_out` lie outside the map's `where`.
    """

    read: int
    replaced: int
    counted: int
    unfinished: int
    unfinished_in: Mapping[str, int]
    left_out: int
    refused: tuple[Problem, ...]
    tallies: Tallies

    def rows(self) -> Iterator[Row]:
        """Yield one row for every instant at which the aggregate of a day, segment and arm changed."""
        return (Row(reading, line) for line, reading in self.tallies.readings())

    def account_sums(self) -> Iterator[AccountSum]:
        """Yield what each account added to each day, segment and arm, where the map names an account."""
        return self.tallies.account_sums()


def aggregate_events(
    stream: BinaryIO,
    event_map: EventMap,
    *,
    file: str,
    known: ReadingContext,
    progress: Progress | None = None,
) -> EventAggregates:
    """Read a log in CSV and list the rows that are refused; without the map's columns raise BadInput."""
    cases: dict[str, EventCase | None] = {}
    refused: list[Problem] = []
    read = 0
    for item in _cases(stream, event_map, file, known, progress):
        if isinstance(item, Problem):
            refused.append(item)
        else:
            name, case = item
            cases[name] = case
            read += 1
    inside = [case for case in cases.values() if case]
    return EventAggregates(
        read=read + len(refused),
        replaced=read - len(cases),
        counted=sum(bool(case.measured) for case in inside),
        unfinished=sum(bool(case.unfinished) for case in inside),
        unfinished_in=Counter(metric for case in inside for metric in case.unfinished),
        left_out=len(cases) - len(inside),
        refused=tuple(refused),
        tallies=_tallied(inside),
    )


def _cases(
    stream: BinaryIO, event_map: EventMap, file: str, known: ReadingContext, progress: Progress | None
) -> Iterator[tuple[str, EventCase | None] | Problem]:
    header: list[str] = []
    for line, row in csv_rows(text_lines(stream, file=file, progress=progress), file=file):
        if isinstance(row, Problem):
            yield row
        elif not header:
            header = [column.strip() for column in row]
            _require_columns(event_map, header, file, line)
            reader = CaseReader(event_map, known, header)
        elif len(row) != len(header):
            yield Problem(f"{len(row)} fields where the header has {len(header)}", file=file, line=line)
        else:
            try:
                yield reader.name(row), reader.read(row, line)
            except Refused as problem:
                yield Problem(problem.reason, file=file, line=line, field=problem.field)
    if not header:
        raise BadInput(Problem("the file is empty; a header is needed", file=file, line=1))


def _require_columns(event_map: EventMap, header: list[str], file: str, line: int) -> None:
    missing = sorted(event_map.columns - set(header))
    if missing:
        reasons = ((column, unknown("column", column, header)) for column in missing)
        raise BadInput(*(Problem(reason, file=file, line=line, field=name) for name, reason in reasons))
    twice = sorted(column for column in event_map.columns if header.count(column) > 1)
    if twice:
        raise BadInput(Problem("the column is there twice", file=file, line=line, field=twice[0]))


def _tallied(cases: list[EventCase]) -> Tallies:
    tallies = Tallies()
    for case in cases:
        for part in case.measured:
            key = (part.metric, case.day, case.segment, case.arm)
            tallies.add(key, part.as_of, part.value, line=case.line, account=case.account)
    return tallies
