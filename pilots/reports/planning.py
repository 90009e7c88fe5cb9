"""What a pilot can prove at its volume, shown while its limits are being chosen."""

from __future__ import annotations

from pilots.evaluation.plans import Planned, plan_pilot
from pilots.evaluation.series import Series
from pilots.evaluation.specs import Reading
from pilots.evaluation.vocabulary import ConditionKind
from pilots.models import Observation, Pilot


def planned_for(pilot: Pilot, *, day: int | None = None, metric: str = "") -> list[Planned]:
    """Return what can be proven by a day of the pilot, or by its planned end, from its baselines."""
    return plan_pilot(pilot.spec, Series(_baseline_readings(pilot)), day=day, metric=metric)


def _baseline_readings(pilot: Pilot) -> list[Reading]:
    readings: list[Reading] = []
    for metric in pilot.metrics.all():
        if (baseline := metric.baseline) is not None:
            first, last = baseline.first_day, baseline.last_day
            readings += Observation.objects.readings_between(metric.pk, first, last)
    return readings


def provable(pilot: Pilot, kind: str, ref: str) -> list[str]:
    """Say what a new limit of some kind, or one that is being edited, could prove."""
    pilot = Pilot.objects.with_rules().get(pk=pilot.pk)
    if pilot.start is None:
        return ["What can be proven is shown once the pilot has a start."]
    better = kind == ConditionKind.THRESHOLD
    return [
        one.sentence
        for one in planned_for(pilot)
        if one.ref in ("", ref) and (one.kind is ConditionKind.THRESHOLD) is better
    ]
