"""What a pilot can prove at its volume, shown while its limits are being chosen."""

from __future__ import annotations

from dataclasses import dataclass

from pilots.evaluation.plans import Planned, plan_pilot
from pilots.evaluation.series import Series
from pilots.evaluation.specs import GAP, Reading
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


@dataclass(frozen=True, slots=True)
class Provable:
    """What a new limit could prove, in words: changes of the whole or of a rule's scope, and gaps."""

    changes: tuple[str, ...]
    gaps: tuple[str, ...] = ()


def provable(pilot: Pilot, kind: str, ref: str) -> Provable:
    """Say what a new limit of some kind, or one that is being edited, could prove."""
    pilot = Pilot.objects.with_rules().get(pk=pilot.pk)
    if pilot.start is None:
        return Provable(("What can be proven is shown once the pilot has a start.",))
    better = kind == ConditionKind.THRESHOLD
    found = [
        one
        for one in planned_for(pilot)
        if one.ref in ("", ref) and (one.kind is ConditionKind.THRESHOLD) is better
    ]
    gaps = tuple(one.sentence for one in found if one.scope.startswith(GAP))
    return Provable(tuple(one.sentence for one in found if not one.scope.startswith(GAP)), gaps)
