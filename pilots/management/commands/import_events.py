from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from pilots.importing.event_logs import EventAggregates
from pilots.management.answering import Answer, AnsweringCommand, content_of, opened, the_pilot
from pilots.management.progress import bytes_read
from pilots.management.recordings import add_options, correction_reason, in_words, listed
from pilots.services.importing_events import import_events
from pilots.services.operating import operator


class Command(AnsweringCommand):
    help = "Store an event log, one row a case, as daily aggregates."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        add_options(parser)
        parser.add_argument("--map", required=True, metavar="MAP.yaml", help="which column means what")

    def answer(
        self, *, file: str, pilot: str, map: str, partial: bool, correct: bool, reason: str, **_: Any
    ) -> Answer:
        why, pilot_id, map_data = (
            correction_reason(correct=correct, reason=reason),
            the_pilot(pilot).pk,
            content_of(map),
        )
        with opened(file) as stream, bytes_read(stream, name=Path(file).name) as progress:
            imported = import_events(
                pilot_id=pilot_id,
                stream=stream,
                file=file,
                map_data=map_data,
                map_file=map,
                by=operator(),
                now=timezone.now(),
                correction_reason=why,
                partial=partial,
                progress=progress,
            )
        log, readings = imported.log, imported.readings
        refused = (*log.refused, *readings.problems)
        return Answer(
            _described(log) | {"readings": asdict(readings), "problems": [asdict(p) for p in refused]},
            f"{_in_words(log)}\nReadings: {in_words(readings)}",
            asides=listed(refused, of=len(log.refused) + readings.refused),
        )


def _described(log: EventAggregates) -> dict[str, Any]:
    return {
        "read": log.read,
        "counted": log.counted,
        "unfinished": log.unfinished,
        "unfinished_in": dict(log.unfinished_in),
        "left_out": log.left_out,
        "replaced": log.replaced,
        "refused": len(log.refused),
    }


def _in_words(log: EventAggregates) -> str:
    parts = [
        f"{log.read:,} rows read",
        f"{log.counted:,} cases counted",
        f"{log.unfinished:,} not finished",
        f"{log.left_out:,} left out by `where`",
        f"{log.replaced:,} replaced by a later row",
        f"{len(log.refused):,} refused",
    ]
    return ", ".join(parts) + "."
