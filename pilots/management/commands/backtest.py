from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from datetime import date
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import django
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from pilots.evaluation.backtest import backtest_json, replay, replayed_days
from pilots.evaluation.days import local_day
from pilots.evaluation.documents import Document
from pilots.evaluation.specs import AccountSum, PilotSpec, Reading
from pilots.importing.errors import BadInput, Problem
from pilots.importing.pilot_files import load
from pilots.importing.pilot_specs import spec_of
from pilots.importing.readings import ReadingContext, read_readings
from pilots.importing.timestamps import day_of
from pilots.management.answering import BAD_INPUT, the_pilot
from pilots.models import AccountShare, ReadingRevision

Known = tuple[PilotSpec, list[Reading], list[AccountSum], date]  # the pilot, all of its data, the last day
Source = Callable[[], Known]
Replay = Callable[[tuple[str, Source]], Document]

FEW = 4  # pilots up to which starting processes takes longer than it saves


class Command(BaseCommand):
    help = "Replay a pilot day by day with what was known each day. Nothing is written, nobody is told."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", nargs="*", metavar="REF | PILOT.yaml READINGS.csv")
        parser.add_argument("--folder", metavar="DIR", help="every DIR/*/pilot.yaml with its readings.csv")
        parser.add_argument("--from", dest="since", metavar="DAY", help="print no earlier day")
        parser.add_argument("--to", dest="until", metavar="DAY", help="print no later day")
        parser.add_argument("--first-only", action="store_true", help="print no days at all")
        parser.add_argument("--json", action="store_true", dest="as_json", help="one JSON line per pilot")

    def handle(self, *_: Any, source: list[str], folder: str | None, **options: Any) -> None:
        try:
            since, until = _day(options["since"], "from"), _day(options["until"], "to")
            sources = list(_sources(source, folder))
        except (BadInput, OSError) as error:
            self.stderr.write(str(error))
            raise SystemExit(BAD_INPUT) from error
        replayed = partial(_replayed, since=since, until=until, first_only=options["first_only"])
        bad = False
        for document in _each(replayed, sources):
            bad = bad or "error" in document
            self._print(document, as_json=options["as_json"])
        if bad:
            raise SystemExit(BAD_INPUT)

    def _print(self, document: Document, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(document, ensure_ascii=False))
        if "error" in document:
            self.stderr.write(str(Problem(**document["error"])))
        elif not as_json:
            self.stdout.write(_words(document))


def _sources(source: list[str], folder: str | None) -> Iterator[tuple[str, Source]]:
    """Yield what is replayed: a name to report a mistake under, and how it is read."""
    if folder is not None and not source:
        for file in _pilot_files(Path(folder)):
            yield file.parent.name, partial(_from_files, file, file.with_name("readings.csv"))
    elif len(source) == 1 and folder is None:
        yield source[0], partial(_from_database, source[0])
    elif len(source) == 2 and folder is None:
        yield Path(source[0]).stem, partial(_from_files, Path(source[0]), Path(source[1]))
    else:
        raise BadInput(Problem("give a pilot's ref, or PILOT.yaml READINGS.csv, or --folder DIR"))


def _pilot_files(folder: Path) -> list[Path]:
    files = sorted(folder.glob("*/pilot.yaml"))
    if not files:
        raise BadInput(Problem("no */pilot.yaml in here", file=str(folder)))
    return files


def _from_database(ref: str) -> Known:
    """Read a pilot as it is now; it is replayed to its end, or to today."""
    pilot = the_pilot(ref)
    if pilot.start is None:
        raise BadInput(Problem("has no start yet, so there is nothing to replay", field=ref))
    spec, revisions = pilot.spec, ReadingRevision.objects.readings_of(pilot.pk)
    last = replayed_days(spec, revisions)[1]
    accounts = list(AccountShare.objects.sums_of(pilot.pk))
    return spec, revisions, accounts, min(last, local_day(timezone.now(), pilot.timezone))


def _from_files(pilot_file: Path, readings_file: Path) -> Known:
    spec = spec_of(load(pilot_file.read_bytes(), file=str(pilot_file)))
    with readings_file.open("rb") as stream:
        known, accounts = ReadingContext.of(spec), list[AccountSum]()
        rows = list(read_readings(stream, file=str(readings_file), known=known, accounts=accounts))
    problems = [row for row in rows if isinstance(row, Problem)]
    if problems:
        raise BadInput(*problems)
    revisions = [row.reading for row in rows if not isinstance(row, Problem)]
    return spec, revisions, accounts, replayed_days(spec, revisions)[1]


def _each(replayed: Replay, sources: Sequence[tuple[str, Source]]) -> Iterator[Document]:
    """Yield the replays in order; many pilots are shared out over the processors."""
    if len(sources) < FEW:
        yield from map(replayed, sources)
        return
    with ProcessPoolExecutor(mp_context=get_context("spawn"), initializer=django.setup) as processes:
        yield from processes.map(replayed, sources, chunksize=8)


def _replayed(
    named: tuple[str, Source], *, since: date | None, until: date | None, first_only: bool
) -> Document:
    """Return a pilot's replay, or where its files are wrong."""
    name, read = named
    try:
        spec, revisions, accounts, last = read()
    except BadInput as bad:
        return {"pilot": name, "error": asdict(bad.problems[0])}
    except OSError as error:
        unread = Problem(f"cannot be read: {error.strerror}", file=str(error.filename))
        return {"pilot": name, "error": asdict(unread)}
    results = replay(spec, revisions, first=spec.start, last=last, accounts=accounts)
    return backtest_json(spec, results, first_only=first_only, since=since, until=until)


def _day(text: str | None, field: str) -> date | None:
    try:
        return day_of(text) if text else None
    except ValueError as error:
        raise BadInput(Problem(str(error), field=field)) from error


def _words(document: Document) -> str:
    first = document["first"]
    lines = [f"{day['as_of']}  {day['verdict']:<12}  {day['reason']}" for day in document.get("days", ())]
    lines.append(f"{document['pilot']}: first scale up {first['scale_up'] or 'never'}")
    lines[-1] += f", first stop {first['stop'] or 'never'}."
    return "\n".join(lines)
