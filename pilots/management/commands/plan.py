from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from pilots.evaluation.plans import Planned, plan_pilot
from pilots.evaluation.series import Series
from pilots.importing.errors import BadInput, Problem
from pilots.importing.pilot_files import load
from pilots.importing.pilot_specs import spec_of
from pilots.importing.readings import ReadingContext, read_readings
from pilots.importing.spelling import unknown
from pilots.management.answering import Answer, AnsweringCommand, the_pilot
from pilots.models import Pilot
from pilots.reports.planning import planned_for
from pilots.services.errors import Reason, Refused


class Command(AnsweringCommand):
    help = "Say the smallest change that a pilot can prove by a day, at the volume of its baseline."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("source", nargs="+", metavar="REF | PILOT.yaml READINGS.csv")
        parser.add_argument("--metric", default="", metavar="M", help="only this metric")
        parser.add_argument("--by-day", type=int, metavar="N", help="a day of the pilot; its planned end")

    def answer(self, *, source: list[str], metric: str, by_day: int | None, **_: Any) -> Answer:
        if by_day is not None and by_day < 1:
            raise BadInput(Problem("give a day of the pilot, counted from 1", field="by-day"))
        match source:
            case [ref]:
                found = _from_database(ref, metric, by_day)
            case [pilot_file, readings_file]:
                found = _from_files(Path(pilot_file), Path(readings_file), metric, by_day)
            case _:
                raise BadInput(Problem("give a pilot's ref, or PILOT.yaml READINGS.csv"))
        words = "\n".join(_line(one) for one in found)
        return Answer({"pilot": source[0], "plans": [_document(one) for one in found]}, words)


def _from_database(ref: str, metric: str, by_day: int | None) -> list[Planned]:
    pilot = Pilot.objects.with_rules().get(pk=the_pilot(ref).pk)
    if pilot.start is None:
        raise Refused(Reason(f"{ref} has no start yet, so its days can't be counted.", "basics"))
    _refuse_unknown(metric, [m.ref for m in pilot.metrics.all()])
    return planned_for(pilot, day=by_day, metric=metric)


def _from_files(pilot_file: Path, readings_file: Path, metric: str, by_day: int | None) -> list[Planned]:
    spec = spec_of(load(pilot_file.read_bytes(), file=str(pilot_file)))
    _refuse_unknown(metric, [m.ref for m in spec.metrics])
    with readings_file.open("rb") as stream:
        rows = list(read_readings(stream, file=str(readings_file), known=ReadingContext.of(spec)))
    problems = [row for row in rows if isinstance(row, Problem)]
    if problems:
        raise BadInput(*problems)
    readings = (row.reading for row in rows if not isinstance(row, Problem))
    return plan_pilot(spec, Series(readings), day=by_day, metric=metric)


def _refuse_unknown(metric: str, known: list[str]) -> None:
    if metric and metric not in known:
        raise BadInput(Problem(unknown("metric", metric, known), field="metric"))


def _line(planned: Planned) -> str:
    return f"{planned.ref}  {planned.sentence}".strip()


def _document(planned: Planned) -> dict[str, Any]:
    """Return a plan as JSON: `smallest` and `limit` are sizes as fractions, in the rule's own direction."""
    return {
        "ref": planned.ref or None,
        "kind": planned.kind.value,
        "metric": planned.metric,
        "scope": planned.scope,
        "by_day": planned.day,
        "limit": planned.limit,
        "smallest": planned.provable,
        "cases_a_day": planned.cases_a_day or None,
        "why": planned.why,
        "sentence": planned.sentence,
    }
