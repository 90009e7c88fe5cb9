"""What the engine judges day by day from the database is what a replay of the same readings says."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest

from pilots.evaluation.backtest import replay
from pilots.evaluation.days import end_of_day
from pilots.evaluation.documents import canonical_bytes
from pilots.evaluation.moments import Moments
from pilots.evaluation.specs import Reading
from pilots.models import ConditionState, DriverState, Pilot, ReadingRevision, Stage
from pilots.services.evaluating import evaluate_pilot
from pilots.services.measuring import draft_baseline, finalise_baseline
from pilots.services.recording import record_readings
from tests.builders import NOON, START, a_condition, a_driver, a_final_baseline, a_metric, a_person, a_pilot

pytestmark = [pytest.mark.django_db, pytest.mark.database]
DAYS = 40
HOURS = {"low": 10.0, "high": 30.0}


def a_pilot_by_intervals() -> Pilot:
    """A pilot whose rules ask for proof, its readings of before known and none of its own yet."""
    pilot = a_pilot(status=Pilot.Status.RUNNING)
    pilot.stages.update(status=Stage.Status.RUNNING, started_on=START)
    metric = a_metric(pilot)
    a_final_baseline(metric)
    a_condition(metric, "T1", "threshold", comparison="improve_by", limit=0.05, method="interval")
    a_condition(metric, "S1", method="interval")
    a_condition(metric, "F1", "stop_condition", scope="each:severity", method="interval")
    a_driver(pilot, update_every_days=None)
    return pilot


def arriving(*, better_from: int, by: float) -> list[Reading]:
    """Noisy days of two severities, of which five days were first told far too high."""
    chance, rows = Random(4), []
    for number in range(-55, DAYS + 1):
        on, share = START + timedelta(days=number - 1), 1 - by * (number >= better_from)
        for segment, hours in HOURS.items():
            n = 40 if segment == "low" else 20 + 10 * (number > 25)
            mean = hours * share * chance.uniform(0.9, 1.1)
            wrong = 2.0 if 15 <= number <= 19 else 1.0
            rows.append(a_day(on, segment, n, mean * wrong, known=on))
            if wrong > 1:
                rows.append(a_day(on, segment, n, mean, known=START + timedelta(days=26)))
    return rows


def a_day(on: date, segment: str, n: int, mean: float, *, known: date) -> Reading:
    moments = Moments(n, n * mean, n * mean * mean * 1.5)
    return Reading("resolution_hours", on, segment, moments, end_of_day(known, "UTC"))


@pytest.mark.parametrize("by", [0.25, -0.4])
def test_judging_day_by_day_from_the_database_equals_a_replay(by: float) -> None:
    pilot = a_pilot_by_intervals()
    rows = arriving(better_from=1, by=by)
    record_readings(pilot_id=pilot.pk, rows=rows, by=None, source="story", now=NOON + timedelta(days=90))
    last = START + timedelta(days=DAYS - 1)
    spec = Pilot.objects.with_rules().get(pk=pilot.pk).spec
    replayed = list(replay(spec, ReadingRevision.objects.readings_of(pilot.pk), first=START, last=last))
    judged = [evaluate_pilot(pilot_id=pilot.pk, now=result.as_of) for result in replayed]
    assert [r.verdict for r in judged] == [r.verdict for r in replayed]
    assert [canonical_bytes(r) for r in judged] == [canonical_bytes(r) for r in replayed]
    assert len({r.verdict for r in judged}) > 1


def test_a_second_look_at_the_same_readings_writes_no_memory() -> None:
    pilot = a_pilot_by_intervals()
    now = end_of_day(START + timedelta(days=19), "UTC")
    rows = arriving(better_from=1, by=0.25)
    record_readings(pilot_id=pilot.pk, rows=rows, by=None, source="story", now=NOON + timedelta(days=90))
    evaluate_pilot(pilot_id=pilot.pk, now=now)
    before = list(ConditionState.objects.values()), list(DriverState.objects.values())
    assert all(state["memory"]["first_variances"] for state in before[0])
    evaluate_pilot(pilot_id=pilot.pk, now=now)
    assert (list(ConditionState.objects.values()), list(DriverState.objects.values())) == before


def test_a_correction_within_a_final_baseline_moves_nothing() -> None:
    pilot = a_pilot_by_intervals()
    metric = pilot.metrics.get()
    rows, late = arriving(better_from=1, by=0.25), NOON + timedelta(days=90)
    record_readings(pilot_id=pilot.pk, rows=rows, by=None, source="story", now=late)
    draft = {"first_day": START - timedelta(days=56), "last_day": START - timedelta(days=1)}
    owner = a_person()
    draft_baseline(metric_id=metric.pk, by=owner, reason="From the readings.", now=late, **draft)
    assert len(finalise_baseline(metric_id=metric.pk, by=owner, now=late).daily) == 112
    now = end_of_day(START + timedelta(days=30), "UTC")
    before = evaluate_pilot(pilot_id=pilot.pk, now=now, dry_run=True)
    doubled = [a_day(START - timedelta(days=n), "low", 40, 20.0, known=START) for n in range(1, 50)]
    record_readings(pilot_id=pilot.pk, rows=doubled, by=None, source="story", now=late)
    assert canonical_bytes(evaluate_pilot(pilot_id=pilot.pk, now=now, dry_run=True)) == canonical_bytes(
        before
    )
    assert before.conditions[-1].interval is not None
    assert before.conditions[-1].interval.low is not None
