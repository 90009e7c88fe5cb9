"""Pilots of today, for stories that run by the real clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import transaction

from pilots.models import Pilot, Stage
from tests.builders import a_condition, a_final_baseline, a_metric, a_pilot, readings

DAYS = 20


@transaction.atomic
def a_live_pilot(ref: str = "tiers", *, mean: float = 24.0) -> Pilot:
    """A pilot that started twenty days ago, with readings up to yesterday; 24 hours is past its limit."""
    start = datetime.now(UTC).date() - timedelta(days=DAYS)
    pilot = a_pilot(ref, start=start, end=start + timedelta(days=90))
    metric = a_metric(pilot)
    a_final_baseline(metric, first_day=start - timedelta(days=56), last_day=start - timedelta(days=1))
    a_condition(metric, "S1")
    pilot.stages.update(status=Stage.Status.RUNNING, started_on=start)
    pilot.status = Pilot.Status.RUNNING
    pilot.started_at = datetime.now(UTC) - timedelta(days=DAYS)
    pilot.save()
    readings(metric, mean=mean, first=start, days=DAYS)
    return pilot
