"""What the engine's tick is held against: one hand-written statement, and a query for each metric."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import connection
from django.db.models import Sum

from benchmarks.ticking.world import METRICS, RULES
from pilots.models import Metric, Observation, Pilot

WINDOW = 7  # days
WORSE = {ref: limit for ref, _, comparison, limit, *_ in RULES if comparison == "worsen_by"}
BETTER = {ref: limit for ref, _, comparison, limit, *_ in RULES if comparison == "improve_by"}
METRIC_OF = {ref: metric for ref, _, _, _, metric, *_ in RULES}

# Each metric's mean of the last days against its baseline, and each rule's limit against that: no
# sample, no streak, no proof, no words, nothing stored.
STATEMENT = """
    SELECT c.id, c.kind,
           CASE WHEN c.comparison = 'worsen_by' THEN o.mean >= b.value * (1 + c."limit")
                ELSE o.mean < b.value * (1 - c."limit") END AS past
    FROM pilots_condition c
    JOIN pilots_baseline b ON b.metric_id = c.metric_id AND b.finalised_at IS NOT NULL
    JOIN (SELECT metric_id, SUM(total) / SUM(n) AS mean FROM pilots_observation
          WHERE day BETWEEN %s AND %s GROUP BY metric_id) o ON o.metric_id = c.metric_id
    WHERE c.retired_at IS NULL
"""


def ask_one_statement(today: date) -> int:
    """Let the database hold every rule against its plain threshold; return how many rules it answered."""
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, [today - timedelta(days=WINDOW - 1), today])
        return len(cursor.fetchall())


def ask_metric_by_metric(today: date, pilots: int) -> int:
    """Do the same for some pilots with a query a metric, as one would write it first."""
    answered = 0
    for pilot in Pilot.objects.order_by("pk")[:pilots]:
        for metric in pilot.metrics.all():
            answered += len(_past(metric, today))
    return answered


def _past(metric: Metric, today: date) -> list[bool]:
    window = Observation.objects.filter(metric=metric, day__range=(today - timedelta(days=WINDOW - 1), today))
    sums = window.aggregate(n=Sum("n"), total=Sum("total"))
    baseline = metric.baseline
    if baseline is None or baseline.value is None or not sums["n"]:
        return []
    change = sums["total"] / sums["n"] / baseline.value - 1
    rules = metric.conditions.all()
    return [change >= WORSE[r.ref] if r.ref in WORSE else change < -BETTER[r.ref] for r in rules]


assert set(METRIC_OF.values()) == set(METRICS)
