from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from pilots.evaluation.days import end_of_day, local_day
from pilots.evaluation.documents import as_json, instant_text
from pilots.evaluation.results import PilotResult
from pilots.evaluation.wording import sentence_case
from pilots.importing.errors import BadInput, Problem
from pilots.importing.timestamps import DAY, day_of, instant_of, zone_of
from pilots.management.answering import REFUSED, Answer, AnsweringCommand, the_pilot
from pilots.models import Pilot
from pilots.services.errors import Reason, Refused
from pilots.services.evaluating import evaluate_pilot


class Command(AnsweringCommand):
    help = "Judge one pilot, or every running one: the engine's own tick, now or as of an instant."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("ref", nargs="?", default="", metavar="REF", help="only this pilot")
        parser.add_argument("--as-of", default="", metavar="ISO", help="a day (its end) or an instant")
        parser.add_argument("--dry-run", action="store_true", help="only answer: store and queue nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        self.refused: list[str] = []
        super().handle(*args, **options)
        if self.refused:
            raise SystemExit(REFUSED)

    def answer(self, *, ref: str, as_of: str, dry_run: bool, **_: Any) -> Answer:
        pilots = [the_pilot(ref)] if ref else list(Pilot.objects.running().order_by("ref"))
        now = timezone.now()
        looks = {pilot.pk: _instant(as_of, pilot.timezone, now, dry_run=dry_run) for pilot in pilots}
        results = [self._judge(p, looks[p.pk], dry_run=dry_run, alone=bool(ref)) for p in pilots]
        judged = [result for result in results if result is not None]
        seen = max(looks.values(), default=_instant(as_of, "UTC", now, dry_run=True))
        document = {"as_of": instant_text(seen), "pilots": [as_json(result) for result in judged]}
        words = "\n".join(map(_words, judged)) if pilots else "No pilot is running."
        return Answer(document, words, asides="\n".join(self.refused))

    def _judge(self, pilot: Pilot, now: datetime, *, dry_run: bool, alone: bool) -> PilotResult | None:
        try:
            return evaluate_pilot(pilot_id=pilot.pk, now=now, dry_run=dry_run)
        except Refused as refused:
            if alone:
                raise
            self.refused.append(f"{pilot.ref}: {refused}")
            return None


def _instant(text: str, zone: str, now: datetime, *, dry_run: bool) -> datetime:
    """Return the instant a look is asked for; a day means its end in the pilot's time zone."""
    if not text:
        return now
    try:
        is_day = DAY.fullmatch(text) is not None
        instant = end_of_day(day_of(text), zone) if is_day else instant_of(text, zone_of(zone))
    except ValueError as error:
        raise BadInput(Problem(str(error), field="as-of")) from error
    if not dry_run and local_day(instant, zone) > local_day(now, zone):
        raise Refused(Reason(f"{text} lies in the future; only --dry-run can look there."))
    return instant


def _words(result: PilotResult) -> str:
    verdict = sentence_case(result.verdict.value.replace("_", " "))
    rules = [f"  {c.ref} {c.scope}: {c.sentence}" for c in result.conditions]
    return "\n".join([f"{result.pilot}: {verdict}. {result.sentence}", *rules])
