"""Record readings: every value that arrives is kept, the newest of its key is current."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db import transaction

from pilots.evaluation.days import local_day
from pilots.evaluation.specs import Reading
from pilots.importing.errors import BadInput, Problem
from pilots.importing.readings import Row
from pilots.importing.segments import segments_of
from pilots.models import Pilot, User
from pilots.permissions import can_record_readings, require
from pilots.services.arrivals import Fate, Known, fate_of
from pilots.services.chains import Arrival, Key, append, current_values, values_by_instant
from pilots.services.touching import touch

CHUNK = 5_000  # rows per round trip: fast, and little memory however long the file
LISTED = 1_000  # refused rows told one by one; the rest are counted


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the rows. `problems` lists the first refused ones, in the order they came."""

    new: int = 0
    same: int = 0
    corrected: int = 0
    older: int = 0
    refused: int = 0
    problems: tuple[Problem, ...] = ()

    @property
    def stored(self) -> int:
        return self.new + self.corrected + self.older


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
    arrival = Arrival(now, source[:120], by.pk if by else None, correction_reason)
    intake = _Intake(pilot, arrival)
    arriving = iter(rows)
    while chunk := list(islice(arriving, CHUNK)):
        intake.take(chunk)
    counts = intake.counts
    if counts.refused and not partial:
        raise BadInput(*counts.problems)
    if counts.stored:
        touch(pilot_id)
    return counts


class _Intake:
    """One recording under way: what the pilot knows, and what became of the rows so far."""

    def __init__(self, pilot: Pilot, arrival: Arrival) -> None:
        # Who records of a metric waits for who records of it already: two chains would cross.
        locked = pilot.metrics.select_for_update(no_key=True).order_by("pk")
        self.metrics: dict[str, int] = {metric.ref: metric.pk for metric in locked}
        self.segments = frozenset(segments_of(pilot.dimensions))
        self.today = local_day(arrival.received_at, pilot.timezone)
        self.arrival = arrival
        self.tally: Counter[Fate] = Counter()
        self.problems: list[Problem] = []

    @property
    def counts(self) -> Counts:
        return Counts(**{fate.value: self.tally[fate] for fate in Fate}, problems=tuple(self.problems))

    def take(self, chunk: Sequence[Row | Reading | Problem]) -> None:
        """Decide and store one chunk, by `as_of`: so each chain grows in order."""
        accepted: list[tuple[Key, Known, int | None]] = []
        for row in chunk:
            if isinstance(row, Problem):
                self.refuse(row)
                continue
            reading, line = (row.reading, row.line) if isinstance(row, Row) else (row, None)
            if reason := self.reason_against(reading):
                self.refuse(Problem(reason, file=self.arrival.source, line=line))
                continue
            key = Key(self.metrics[reading.metric], reading.day, reading.segment, str(reading.arm))
            accepted.append((key, Known(reading.as_of, reading.moments), line))
        accepted.sort(key=lambda arriving: arriving[1].as_of)
        self.store(accepted)

    def reason_against(self, reading: Reading) -> str:
        if reading.metric not in self.metrics:
            return f"this pilot has no metric '{reading.metric}'"
        if reading.segment not in self.segments:
            return f"this pilot has no segment '{reading.segment}'"
        if reading.day > self.today:
            return f"{reading.day} lies in the future"
        return "" if reading.moments.n >= 1 else "n must be at least 1"

    def refuse(self, problem: Problem) -> None:
        self.tally[Fate.REFUSED] += 1
        if len(self.problems) < LISTED:
            self.problems.append(problem)

    def store(self, accepted: Sequence[tuple[Key, Known, int | None]]) -> None:
        current = current_values({key for key, _, _ in accepted})
        outdated = {key for key, value, _ in accepted if key in current and value.as_of < current[key].as_of}
        known = values_by_instant(outdated)
        links: list[tuple[Key, Known, Fate]] = []
        for key, value, line in accepted:
            before, same_instant = current.get(key), known.get((key, value.as_of))
            is_correction = bool(self.arrival.reason)
            fate = fate_of(value, current=before, same_instant=same_instant, is_correction=is_correction)
            if fate is Fate.REFUSED:
                self.refuse(self.contradiction(key, line))
                continue
            self.tally[fate] += 1
            if fate is Fate.SAME:
                continue
            links.append((key, value, fate))
            known[key, value.as_of] = value.moments
            if before is None or value.as_of >= before.as_of:
                current[key] = value
        append(links, self.arrival)

    def contradiction(self, key: Key, line: int | None) -> Problem:
        metric = next(ref for ref, pk in self.metrics.items() if pk == key.metric_id)
        place = f"{metric}, {key.day}, {key.segment}, {key.arm}"
        reason = f"{place}: other numbers are known for the same as_of; send a correction with a reason"
        return Problem(reason, file=self.arrival.source, line=line)
