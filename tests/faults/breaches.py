"""Pilots past their limits: every rule of them is one breach, one alert and one mail to one address."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction
from django.db.models import F

from pilots.models import Condition, Decision, Metric, Observation, Pilot, PilotState, ReadingRevision, Stage
from tests.builders import a_decision, a_final_baseline, a_metric, a_person, a_pilot
from tests.faults.accounts import Telling

DAYS = 15
MEAN = 24.0  # hours, where it was 20
WITHIN = 20.0


def tellings(pilots: int, breaches: int) -> list[Telling]:
    """Return who is to be told what when all of them are past their limits."""
    refs = [(pilot_ref(number), f"s{rule}") for number in range(pilots) for rule in range(breaches)]
    return [Telling(pilot, rule, "opened", address(pilot, rule)) for pilot, rule in refs]


def pilot_ref(number: int) -> str:
    return f"pilot-{number:05d}"


def address(pilot: str, rule: str) -> str:
    return f"{rule}.of.{pilot}@example.org"


def make_pilots(count: int, *, breaches: int, mean: float = MEAN, first: int = 0) -> None:
    """Make pilots of today with `breaches` stop conditions each, all past their limits at a mean of 24."""
    decision = a_decision(f"breaches-from-{first}", owner=a_person())
    for number in range(first, first + count):
        with transaction.atomic():
            _make(number, decision, breaches, mean)


def _make(number: int, decision: Decision, breaches: int, mean: float) -> None:
    start = datetime.now(UTC).date() - timedelta(days=DAYS)
    ref = pilot_ref(number)
    pilot = a_pilot(ref, decision=decision, start=start, end=start + timedelta(days=90), dimensions={})
    metric = a_metric(pilot)
    a_final_baseline(metric, first_day=start - timedelta(days=56), last_day=start - timedelta(days=1))
    Condition.objects.bulk_create(_stop(metric, ref, rule) for rule in range(breaches))
    pilot.stages.update(status=Stage.Status.RUNNING, started_on=start)
    pilot.status, pilot.started_at = Pilot.Status.RUNNING, datetime.combine(start, time(), UTC)
    pilot.save()
    a_reading_a_day(metric, first=start, mean=mean)


def _stop(metric: Metric, pilot: str, rule: int) -> Condition:
    return Condition(
        pilot=metric.pilot,
        metric=metric,
        ref=f"s{rule}",
        kind="stop_condition",
        comparison="worsen_by",
        limit=0.05 + rule / 1000,
        severity="SEV2",
        notify=[address(pilot, f"s{rule}")],
    )


def a_reading_a_day(metric: Metric, *, first: date, mean: float, days: int = DAYS, n: int = 50) -> None:
    """Store the readings of whole days up to yesterday, in two statements."""
    rows = []
    for offset in range(days):
        day = first + timedelta(days=offset)
        known = datetime.combine(day + timedelta(days=1), time(), UTC) - timedelta(seconds=1)
        moments = {"n": n, "total": n * mean, "total_sq": n * (mean**2 + 16.0)}
        rows.append(
            {"metric": metric, "day": day, "segment": "all", "as_of": known, "received_at": known} | moments
        )
    Observation.objects.bulk_create(Observation(**row) for row in rows)
    ReadingRevision.objects.bulk_create(ReadingRevision(**row) for row in rows)
    PilotState.objects.filter(pilot=metric.pilot).update(dirty_seq=F("dirty_seq") + 1)
