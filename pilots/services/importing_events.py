"""Event logs into the database: cases added up to readings, recorded as one act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from django.db import transaction

from pilots.importing.errors import BadInput
from pilots.importing.event_logs import EventAggregates, aggregate_events
from pilots.importing.event_maps import load_event_map
from pilots.importing.text_rows import Progress
from pilots.models import Pilot, User
from pilots.services.clustering import keep_account_sums
from pilots.services.importing_readings import context_of
from pilots.services.recording import Counts, record_readings


@dataclass(frozen=True, slots=True)
class ImportedEvents:
    """What the log came to, and what became of the readings made of it."""

    log: EventAggregates
    readings: Counts


@transaction.atomic
def import_events(
    *,
    pilot_id: int,
    stream: BinaryIO,
    file: str,
    map_data: bytes,
    map_file: str,
    by: User | None,
    now: datetime,
    correction_reason: str = "",
    partial: bool = False,
    progress: Progress | None = None,
) -> ImportedEvents:
    """Store a log, one row a case, as daily aggregates: one reading for every time a day's changed.

    Raises BadInput and stores nothing where a row is refused, unless `partial`.
    """
    known = context_of(Pilot.objects.get(pk=pilot_id), now=now)
    event_map = load_event_map(map_data, file=map_file, known=known)
    log = aggregate_events(stream, event_map, file=file, known=known, progress=progress)
    if log.refused and not partial:
        raise BadInput(*log.refused)
    readings = record_readings(
        pilot_id=pilot_id,
        rows=log.rows(),
        by=by,
        source=file,
        now=now,
        correction_reason=correction_reason,
        partial=partial,
    )
    keep_account_sums(pilot_id=pilot_id, sums=log.account_sums())
    return ImportedEvents(log, readings)
