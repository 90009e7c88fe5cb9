from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from pilots.importing.pilot_files import load
from pilots.management.answering import Answer, AnsweringCommand, content_of, the_person
from pilots.models import Pilot
from pilots.services.importing_pilots import import_pilot
from pilots.services.operating import operator
from pilots.services.starting import start_imported


class Command(AnsweringCommand):
    help = "Make the database say what a pilot file says; again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", help="the pilot file; - reads standard input")
        parser.add_argument("--start", action="store_true", help="finalise the baselines and start the pilot")
        parser.add_argument("--by", metavar="EMAIL", help="who answers for it in the history")

    def answer(self, *, file: str, start: bool, by: str | None, **_: Any) -> Answer:
        now, read = timezone.now(), load(content_of(file), file=file)
        person = the_person(by) if by else operator()
        imported = import_pilot(file=read, by=person, now=now, reason=f"Pilot file {file}")
        pilot = _started(imported.pilot, by=person, now=now) if start else imported.pilot
        changes = imported.changes or ("no change",)
        return Answer(
            _described(pilot) | {"changes": list(imported.changes)},
            "\n".join([*changes, f"{pilot.ref} is {pilot.get_status_display().lower()}."]),
        )


def _started(pilot: Pilot, **who_and_when: Any) -> Pilot:
    start_imported(pilot=pilot, **who_and_when)
    return Pilot.objects.get(pk=pilot.pk)


def _described(pilot: Pilot) -> dict[str, Any]:
    return {
        "pilot": pilot.ref,
        "decision": pilot.decision.ref,
        "status": pilot.status,
        "started_at": pilot.started_at,
        "start": pilot.start,
    }
