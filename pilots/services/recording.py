"""Record readings: every value that arrives is kept, the newest of its key is current."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from django.db import transaction

from pilots.evaluation.specs import Reading
from pilots.importing.errors import BadInput, Problem
from pilots.importing.readings import Row
from pilots.models import Pilot, User
from pilots.permissions import can_record_readings, require
from pilots.services.chains import Arrival, Chains
from pilots.services.intake import LISTED, Counts, Intake
from pilots.services.touching import touch

__all__ = ["CHUNK", "LISTED", "Counts", "record_readings"]

CHUNK = 5_000  # rows per round trip: fast, and little memory however long the file


@transaction.atomic
def record_readings(
    *,
    pilot_id: int,
    rows: Iterable[Row | Reading | Problem],
    by: User | None,
    source: str,
    now: datetime,
    correction_reason: str = "",
    partial: bool = False,
) -> Counts:
    """Store rows that stream in, whatever their order; None as `by` is who runs the command line.

    Raises BadInput and stores nothing where a row is refused, unless `partial`. Other numbers for
    an instant already known are refused too, unless they are sent as a correction with a reason.
    """
    pilot = Pilot.objects.get(pk=pilot_id)
    if by is not None:
        require(can_record_readings, by, pilot)
    # Who records of a metric waits for who records of it already: two chains would cross.
    locked = pilot.metrics.select_for_update(no_key=True).order_by("pk")
    arrival = Arrival(now, source[:120], by.pk if by else None, correction_reason)
    intake = Intake(pilot, locked, arrival, Chains(), listed=LISTED)
    arriving = iter(rows)
    while chunk := list(islice(arriving, CHUNK)):
        intake.take(chunk)
    counts = intake.counts
    if counts.refused and not partial:
        raise BadInput(*counts.problems)
    if counts.stored:
        touch(pilot_id)
    return counts
