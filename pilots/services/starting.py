"""Start a pilot that came whole from a file: decide, finalise, make ready and start in one go."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from pilots.models import Decision, Pilot, User
from pilots.services.deciding import decide
from pilots.services.errors import Reason, Refused
from pilots.services.measuring import finalise_baseline
from pilots.services.piloting import mark_ready, start_pilot
from pilots.services.saving import lock


def start_imported(*, pilot: Pilot, by: User, now: datetime, reason: str = "Pilot file") -> Pilot:
    """Finalise what can be finalised, then start. Raises Refused with everything that is missing.

    A pilot that has started already stays as it is.
    """
    if pilot.started_at:
        return pilot
    reasons: list[Reason] = []
    for metric in pilot.metrics.order_by("pk"):
        if metric.baselines.filter(finalised_at=None).exists():
            try:
                finalise_baseline(metric_id=metric.pk, by=by, now=now)
            except Refused as refused:
                reasons += refused.reasons
    try:
        return _start(pilot, by=by, now=now, reason=reason)
    except Refused as refused:
        raise Refused(*refused.reasons, *reasons) from refused


@transaction.atomic
def _start(pilot: Pilot, **who_and_why: Any) -> Pilot:
    lock(Decision.objects.all(), pilot.decision_id)  # before the pilot, as start_pilot does
    if pilot.decision.decided_at is None:
        decide(decision_id=pilot.decision_id, **who_and_why)
    if pilot.status == Pilot.Status.DRAFT:
        mark_ready(pilot_id=pilot.pk, **who_and_why)
    return start_pilot(pilot_id=pilot.pk, **who_and_why)
