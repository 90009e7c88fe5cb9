from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from pilots.importing.errors import BadInput
from pilots.importing.pilot_files import load
from pilots.importing.pilot_writing import as_document, dump
from pilots.management.answering import Answer, AnsweringCommand, the_pilot
from pilots.services.exporting_pilots import file_of


class Command(AnsweringCommand):
    help = "Print a pilot as a pilot file."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("ref", help="the pilot")

    def answer(self, *, ref: str, **_: Any) -> Answer:
        file = file_of(the_pilot(ref))
        text = dump(file)
        return Answer(as_document(file), text, asides=_unreadable(text))


def _unreadable(text: str) -> str:
    """Say what a draft still lacks before its file can be imported anywhere."""
    try:
        load(text, file="")
    except BadInput as bad:
        return f"This file is not complete yet:\n{bad}"
    return ""
