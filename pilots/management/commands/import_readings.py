from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from pilots.management.answering import Answer, AnsweringCommand, opened, the_pilot
from pilots.management.progress import bytes_read
from pilots.management.recordings import add_options, correction_reason, in_words, listed
from pilots.services.importing_readings import import_readings
from pilots.services.operating import operator


class Command(AnsweringCommand):
    help = "Store the readings of a CSV or NDJSON file."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        add_options(parser)

    def answer(self, *, file: str, pilot: str, partial: bool, correct: bool, reason: str, **_: Any) -> Answer:
        why, pilot_id = correction_reason(correct=correct, reason=reason), the_pilot(pilot).pk
        with (
            opened(file) as stream,
            bytes_read(stream, name=Path(file).name, passes=2 if partial else 1) as progress,
        ):
            counts = import_readings(
                pilot_id=pilot_id,
                stream=stream,
                file=file,
                by=operator(),
                now=timezone.now(),
                correction_reason=why,
                partial=partial,
                progress=progress,
            )
        return Answer(asdict(counts), in_words(counts), asides=listed(counts.problems, of=counts.refused))
