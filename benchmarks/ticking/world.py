"""Pilots for the tick: three metrics, five segments, four weeks of readings a day, seven rules each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from django.db import connection, transaction
from django.db.models import F

from pilots.models import (
    Baseline,
    Condition,
    Decision,
    Membership,
    Metric,
    Observation,
    Pilot,
    PilotState,
    Role,
    Stage,
    User,
)

START = date(2026, 3, 2)  # a Monday
BEFORE, SINCE = 28, 28
SEGMENTS = ("bronze", "copper", "gold", "iron", "silver")
METRICS = ("hours", "replies", "reopened")
RULES = (
    ("T1", "threshold", "improve_by", 0.05, "hours", 3, "SEV4"),
    ("T2", "threshold", "improve_by", 0.02, "replies", 1, "SEV4"),
    ("S1", "stop_condition", "worsen_by", 0.10, "hours", 1, "SEV2"),
    ("S2", "stop_condition", "worsen_by", 0.10, "replies", 2, "SEV2"),
    ("S3", "stop_condition", "worsen_by", 0.15, "reopened", 1, "SEV2"),
    ("E1", "escalation_trigger", "worsen_by", 0.08, "hours", 3, "SEV3"),
    ("E2", "escalation_trigger", "worsen_by", 0.08, "reopened", 1, "SEV3"),
)
COLUMNS = ("metric_id", "day", "segment", "arm", "n", "total", "total_sq", "as_of", "received_at", "source")
AT_ONCE = 50  # pilots

Row = tuple[int, date, str, str, int, float, float, datetime, datetime, str]


def end_of(number: int) -> datetime:
    """Return the late evening of a day, counted from 1."""
    return datetime.combine(START + timedelta(days=number - 1), time(23), UTC)


def build(pilots: int, *, method: str, random: np.random.Generator) -> None:
    """Store running pilots with finalised baselines and all days but the last of their readings."""
    person = User.objects.create_user(email="owner@example.org", name="Pilot owner")
    for first in range(0, pilots, AT_ONCE):
        with transaction.atomic():
            _build_some(range(first, min(first + AT_ONCE, pilots)), person, method, random)


def _build_some(numbers: range, person: User, method: str, random: np.random.Generator) -> None:
    decisions = Decision.objects.bulk_create(
        Decision(ref=f"d{n}", title=f"Decision {n}", statement="Pilot it.", rationale="Learn.", owner=person)
        for n in numbers
    )
    made = Pilot.objects.bulk_create(_pilot(n, d) for n, d in zip(numbers, decisions, strict=True))
    PilotState.objects.bulk_create(PilotState(pilot=pilot) for pilot in made)
    Membership.objects.bulk_create(Membership(pilot=p, user=person, role=Role.PILOT_OWNER) for p in made)
    Stage.objects.bulk_create(
        Stage(pilot=p, order=1, name="first accounts", status="running", started_on=START) for p in made
    )
    metrics = Metric.objects.bulk_create(
        Metric(pilot=pilot, ref=ref, name=ref.capitalize(), unit="h", owner=person)
        for pilot in made
        for ref in METRICS
    )
    Condition.objects.bulk_create(
        Condition(pilot=pilot, metric=by_ref[ref], method=method, rationale="Agreed.", **rule)
        for number, pilot in enumerate(made)
        for by_ref in [dict(zip(METRICS, metrics[number * 3 : number * 3 + 3], strict=True))]
        for ref, rule in map(_rule, RULES)
    )
    Baseline.objects.bulk_create(_baseline(metric, person, random) for metric in metrics)
    insert(rows_of([m.pk for m in metrics], first=START, days=SINCE - 1, random=random))


def _pilot(number: int, decision: Decision) -> Pilot:
    return Pilot(
        decision=decision,
        ref=f"p{number}",
        title=f"Pilot {number}",
        start=START,
        end=START + timedelta(days=180),
        dimensions={"tier": list(SEGMENTS)},
        status="running",
        started_at=end_of(1),
    )


def _rule(rule: tuple[str, str, str, float, str, int, str]) -> tuple[str, dict[str, object]]:
    ref, kind, comparison, limit, metric, sustained, severity = rule
    return metric, {
        "ref": ref,
        "kind": kind,
        "comparison": comparison,
        "limit": limit,
        "sustained_periods": sustained,
        "severity": severity,
    }


def _baseline(metric: Metric, person: User, random: np.random.Generator) -> Baseline:
    first = START - timedelta(days=BEFORE)
    rows = list(rows_of([metric.pk], first=first, days=BEFORE, random=random))
    held = {segment: [row[4:7] for row in rows if row[2] == segment] for segment in SEGMENTS}
    sums = {segment: [sum(column) for column in zip(*parts, strict=True)] for segment, parts in held.items()}
    n, total = (sum(part[i] for part in sums.values()) for i in (0, 1))
    return Baseline(
        metric=metric,
        first_day=first,
        last_day=START - timedelta(days=1),
        value=total / n,
        n=n,
        spread=1.0,
        moments=sums,
        daily=[[str(r[1]), r[2], r[3], *r[4:7], r[7].isoformat()] for r in rows],
        reading_days=BEFORE,
        finalised_at=end_of(0),
        finalised_by=person,
    )


def rows_of(metrics: list[int], *, first: date, days: int, random: np.random.Generator) -> Iterator[Row]:
    """Yield one reading a metric, day and segment: some 40 cases around 20 hours."""
    shape = (len(metrics), days, len(SEGMENTS))
    n = random.integers(25, 60, shape)
    mean = 20 * np.exp(random.normal(scale=0.08, size=shape))
    total, square = n * mean, n * (mean**2 + 64.0)
    for i, metric in enumerate(metrics):
        for j in range(days):
            day = first + timedelta(days=j)
            known = datetime.combine(day, time(22), UTC)
            cells = zip(SEGMENTS, n[i, j].tolist(), total[i, j].tolist(), square[i, j].tolist(), strict=True)
            for segment, *moments in cells:
                yield (metric, day, segment, "pilot", *moments, known, known, "")


def insert(rows: Iterator[Row]) -> None:
    """Store readings the quickest way the database has."""
    table = Observation._meta.db_table
    names = ", ".join(COLUMNS)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join("%s" for _ in COLUMNS)
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(rows))  # noqa: S608


def add_day(number: int, *, random: np.random.Generator) -> None:
    """Let one more day's readings of all pilots come in, and say that there is something to judge."""
    metrics = list(Metric.objects.order_by("pk").values_list("pk", flat=True))
    with transaction.atomic():
        insert(rows_of(metrics, first=START + timedelta(days=number - 1), days=1, random=random))
        PilotState.objects.update(dirty_seq=F("dirty_seq") + 1)


def touch_some(*, every: int) -> None:
    """Let today's readings of some pilots be corrected, and say that there is something to judge."""
    pilots = list(Pilot.objects.order_by("pk").values_list("pk", flat=True))[::every]
    newest = Observation.objects.order_by("-day").values_list("day", flat=True)[:1].get()
    with transaction.atomic():
        changed = Observation.objects.filter(metric__pilot__in=pilots, day=newest)
        changed.update(total=F("total") * 1.001, total_sq=F("total_sq") * 1.002)
        PilotState.objects.filter(pilot__in=pilots).update(dirty_seq=F("dirty_seq") + 1)


def expect_all_judged(pilots: int) -> None:
    """Make sure that what was timed was done."""
    done = PilotState.objects.filter(failures=0, evaluated_seq=F("dirty_seq")).exclude(verdict="")
    assert done.count() == pilots, "every pilot has its verdict"
