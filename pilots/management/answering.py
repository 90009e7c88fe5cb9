"""What every command of the product has in common: plain words or one JSON document, and an exit code."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError

from pilots.importing.errors import BadInput, Problem
from pilots.importing.spelling import unknown
from pilots.models import Pilot, User
from pilots.permissions import NotAllowed
from pilots.services.errors import Refused

REFUSED, BAD_INPUT = 1, 2  # exit codes


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command found or did: for a machine, and in words. `asides` go to stderr."""

    document: dict[str, Any]
    words: str
    asides: str = ""


class AnsweringCommand(BaseCommand):
    """Print an answer. What is refused, or wrong with a file, is said on stderr and in the JSON."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON document")

    def answer(self, *_: Any, **options: Any) -> Answer:
        raise NotImplementedError

    def handle(self, *_: Any, as_json: bool, **options: Any) -> None:
        try:
            answer = self.answer(**options)
        except OSError as error:
            unread = Problem(f"cannot be read: {error.strerror}", file=str(error.filename or ""))
            self._fail({"problems": [asdict(unread)]}, str(unread), BAD_INPUT, as_json=as_json)
        except BadInput as bad:
            problems = [asdict(problem) for problem in bad.problems]
            self._fail({"problems": problems}, str(bad), BAD_INPUT, as_json=as_json)
        except Refused as refused:
            reasons = [{"reason": reason.text, "where": reason.where} for reason in refused.reasons]
            words = "\n".join(reason.text for reason in refused.reasons)
            self._fail({"refused": reasons}, words, REFUSED, as_json=as_json)
        except NotAllowed as refused:
            reasons = [{"reason": str(refused), "where": "people"}]
            self._fail({"refused": reasons}, str(refused), REFUSED, as_json=as_json)
        except OperationalError as error:
            busy = f"The database did not answer in time, so nothing was changed: {error}".strip()
            self._fail({"refused": [{"reason": busy, "where": ""}]}, busy, REFUSED, as_json=as_json)
        else:
            if answer.asides:
                self.stderr.write(answer.asides)
            self.stdout.write(as_text(answer.document) if as_json else answer.words)

    def _fail(self, document: dict[str, Any], words: str, code: int, *, as_json: bool) -> NoReturn:
        if as_json:
            self.stdout.write(as_text(document))
        self.stderr.write(words)
        raise SystemExit(code)


def as_text(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2, default=str)


@contextmanager
def opened(path: str) -> Iterator[BinaryIO]:
    """Open a file to read its bytes; `-` is standard input."""
    if path == "-":
        yield sys.stdin.buffer
        return
    with Path(path).open("rb") as stream:
        yield stream


def content_of(path: str) -> bytes:
    with opened(path) as stream:
        return stream.read()


def the_pilot(ref: str) -> Pilot:
    """Return the pilot of that ref, or raise BadInput naming the nearest."""
    pilot = Pilot.objects.filter(ref=ref).first()
    if pilot is None:
        raise BadInput(
            Problem(unknown("pilot", ref, Pilot.objects.values_list("ref", flat=True)), field="pilot")
        )
    return pilot


def the_person(email: str, *, field: str = "by") -> User:
    """Return the person with that address, or raise BadInput."""
    person = User.objects.filter(email=email.strip().lower()).first()
    if person is None:
        raise BadInput(Problem(f"nobody here has the address '{email}'", field=field))
    return person
