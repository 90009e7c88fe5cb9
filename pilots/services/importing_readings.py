"""Files of readings into the database: parsed as they stream, recorded as one act."""

from __future__ import annotations

from datetime import datetime
from typing import BinaryIO

from django.db import transaction

from pilots.evaluation.days import local_day
from pilots.evaluation.specs import AccountSum
from pilots.evaluation.vocabulary import MetricKind
from pilots.importing.readings import Progress, ReadingContext, read_readings
from pilots.models import Pilot, User
from pilots.services.clustering import keep_account_sums
from pilots.services.recording import Counts, record_readings


@transaction.atomic
def import_readings(
    *,
    pilot_id: int,
    stream: BinaryIO,
    file: str,
    by: User | None,
    now: datetime,
    correction_reason: str = "",
    partial: bool = False,
    progress: Progress | None = None,
) -> Counts:
    """Store a CSV or NDJSON file of readings; see `record_readings` for what is refused."""
    known = context_of(Pilot.objects.get(pk=pilot_id), now=now)
    accounts: list[AccountSum] = []
    counts = record_readings(
        pilot_id=pilot_id,
        rows=read_readings(
            stream, file=file, known=known, partial=partial, progress=progress, accounts=accounts
        ),
        by=by,
        source=file,
        now=now,
        correction_reason=correction_reason,
        partial=partial,
    )
    keep_account_sums(pilot_id=pilot_id, sums=accounts)
    return counts


def context_of(pilot: Pilot, *, now: datetime) -> ReadingContext:
    """Return what the rows of this pilot may speak of."""
    kinds = pilot.metrics.order_by("pk").values_list("ref", "kind")
    return ReadingContext(
        metrics={ref: MetricKind(kind) for ref, kind in kinds},
        dimensions={name: tuple(categories) for name, categories in pilot.dimensions.items()},
        timezone=pilot.timezone,
        today=local_day(now, pilot.timezone),
    )
