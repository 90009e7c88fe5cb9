"""What a baseline would freeze if it were made final now."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Sum

from pilots.evaluation.baselines import Baseline as Level
from pilots.evaluation.moments import Moments, merged
from pilots.evaluation.vocabulary import Arm, MetricKind
from pilots.models import Baseline


@dataclass(frozen=True, slots=True)
class WindowPart:
    """One segment of a baseline's window; `value` is None where the cases give no number."""

    segment: str
    days: int
    moments: Moments
    value: float | None

    @property
    def n(self) -> int:
        return self.moments.n


def window_of(baseline: Baseline) -> list[WindowPart]:
    """Return the window's readings by segment, and all together where there are several."""
    days = (baseline.first_day, baseline.last_day)
    readings = baseline.metric.observations.filter(arm=Arm.PILOT.value, day__range=days)
    sums = readings.values("segment").order_by("segment")
    rows = sums.annotate(
        days=Count("day", distinct=True), cases=Sum("n"), sum=Sum("total"), squares=Sum("total_sq")
    )
    parts = [
        _part(baseline, row["segment"], row["days"], Moments(row["cases"], row["sum"], row["squares"]))
        for row in rows
    ]
    if len(parts) < 2:
        return parts
    whole = readings.aggregate(days=Count("day", distinct=True))["days"]
    return [_part(baseline, "All together", whole, merged(part.moments for part in parts)), *parts]


def _part(baseline: Baseline, segment: str, days: int, moments: Moments) -> WindowPart:
    value = Level(MetricKind(baseline.metric.kind), moments, days).level(periods=1)
    return WindowPart(segment, days, moments, value)
