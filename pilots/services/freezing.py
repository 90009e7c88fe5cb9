"""Freeze what a metric was before the pilot, from the readings of the window."""

from __future__ import annotations

from math import sqrt

from django.db.models import Count, QuerySet, Sum

from pilots.evaluation.baselines import Baseline as Level
from pilots.evaluation.moments import Moments, merged
from pilots.evaluation.specs import Reading
from pilots.evaluation.vocabulary import Arm, MetricKind
from pilots.evaluation.wording import counted, on
from pilots.models import Baseline, Metric, Observation
from pilots.services.errors import Reason, Refused

FEWEST_CASES = 2  # below that there is no spread


def freeze(baseline: Baseline, metric: Metric) -> None:
    """Set value, cases, spread and moments by segment from the current readings, pilot arm. Not saved.

    The value of a total is that of one reading period; the spread of a geometric mean is that of its
    logarithms. The days of both arms are kept as they are, so that no correction moves what is
    compared with them. Raises Refused where the window holds too little.
    """
    parts = segment_moments(baseline, metric)
    whole = merged(parts.values())
    _refuse_too_little(baseline, metric, whole)
    days = _readings_of(baseline, metric).aggregate(days=Count("day", distinct=True))["days"]
    periods = (baseline.last_day - baseline.first_day).days + 1 if metric.no_entry_is_zero else days
    value = Level(MetricKind(metric.kind), whole, periods).level(periods=1)
    if value is None or whole.variance is None:
        raise Refused(Reason(f"The readings of {metric} don't add up to a number.", "baselines"))
    baseline.value, baseline.n, baseline.spread = value, whole.n, sqrt(whole.variance)
    baseline.reading_days = days
    baseline.moments = {segment: [m.n, m.total, m.total_sq] for segment, m in parts.items()}
    first, last = baseline.first_day, baseline.last_day
    readings = Observation.objects.readings_between(metric.pk, first, last)
    baseline.daily = [_daily(reading) for reading in readings]


def _daily(reading: Reading) -> list[str | int | float]:
    x = reading.moments
    known = reading.as_of.isoformat()
    return [reading.day.isoformat(), reading.segment, reading.arm.value, x.n, x.total, x.total_sq, known]


def segment_moments(baseline: Baseline, metric: Metric) -> dict[str, Moments]:
    rows = _readings_of(baseline, metric).values("segment").order_by("segment")
    sums = rows.annotate(cases=Sum("n"), sum=Sum("total"), squares=Sum("total_sq"))
    return {row["segment"]: Moments(row["cases"], row["sum"], row["squares"]) for row in sums}


def _readings_of(baseline: Baseline, metric: Metric) -> QuerySet[Observation]:
    window = (baseline.first_day, baseline.last_day)
    return metric.observations.filter(arm=Arm.PILOT.value, day__range=window)


def _refuse_too_little(baseline: Baseline, metric: Metric, whole: Moments) -> None:
    window = f"from {on(baseline.first_day)} to {on(baseline.last_day)} {baseline.last_day.year}"
    if not whole.n:
        owed = f" {metric.owner} owes them." if metric.owner else ""
        raise Refused(Reason(f"{metric} has no readings {window}.{owed}", "baselines"))
    needed = max(FEWEST_CASES, metric.min_sample or 0)
    if whole.n < needed:
        text = f"{metric} has {counted(whole.n, 'case')} {window}; a baseline needs at least {needed:,}."
        raise Refused(Reason(text, "baselines"))
