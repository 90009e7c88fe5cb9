from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction
from django.utils import timezone

from pilots.importing.errors import BadInput, Problem
from pilots.importing.spelling import unknown
from pilots.management.answering import Answer, AnsweringCommand, the_person, the_pilot
from pilots.models import Baseline, Metric, Pilot
from pilots.services.measuring import finalise_baseline


class Command(AnsweringCommand):
    help = "Freeze what a pilot's metrics are compared with: all of them, or one."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("ref", help="the pilot")
        parser.add_argument("--metric", default="", help="only this one")
        parser.add_argument("--by", required=True, metavar="EMAIL", help="who answers for it")

    @transaction.atomic
    def answer(self, *, ref: str, metric: str, by: str, **_: Any) -> Answer:
        person, now = the_person(by), timezone.now()
        metrics = _metrics(the_pilot(ref), metric)
        final = [finalise_baseline(metric_id=m.pk, by=person, now=now) for m in metrics]
        return Answer({"baselines": [_described(b) for b in final]}, "\n".join(map(_in_words, final)))


def _metrics(pilot: Pilot, ref: str) -> list[Metric]:
    metrics = list(pilot.metrics.order_by("pk"))
    if not ref:
        return [m for m in metrics if not (m.baseline and m.baseline.is_final)]
    found = [m for m in metrics if m.ref == ref]
    if not found:
        raise BadInput(Problem(unknown("metric", ref, [m.ref for m in metrics]), field="metric"))
    return found


def _described(baseline: Baseline) -> dict[str, Any]:
    return {
        "metric": baseline.metric.ref,
        "number": baseline.number,
        "from": baseline.first_day,
        "to": baseline.last_day,
        "value": baseline.value,
        "n": baseline.n,
        "spread": baseline.spread,
    }


def _in_words(baseline: Baseline) -> str:
    value = f"{baseline.value:g} {baseline.metric.unit}".rstrip()
    cases = f"{baseline.n:,} cases from {baseline.first_day} to {baseline.last_day}"
    return f"{baseline.metric.ref}: {value} over {cases}; final, number {baseline.number}."
