"""Record readings: every value that arrives is kept, the newest of its key is current."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from itertools import islice
from zoneinfo import ZoneInfo

from django.db import transaction

from pilots.evaluation.moments import Moments
from pilots.evaluation.specs import Reading
from pilots.importing.errors import BadInput, Problem
from pilots.importing.readings import Row
from pilots.importing.segments import segments_of
from pilots.models import Metric, Observation, Pilot, ReadingRevision, User
from pilots.permissions import can_record_readings, require
from pilots.services.arrivals import Fate, Known, fate_of
from pilots.services.touching import touch

CHUNK = 5_000  # rows per round trip: fast, and little memory however long the file
LISTED = 1_000  # refused rows told one by one; the rest are counted

Key = tuple[int, date, str, str]  # metric, day, segment, arm
STORED = (Fate.NEW, Fate.CORRECTED, Fate.OLDER)


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the rows. `problems` lists the first refused ones, in the order of the file."""

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
    intake = _Intake(pilot=pilot, by=by, source=source[:120], now=now, reason=correction_reason)
    arriving = iter(rows)
    while chunk := list(islice(arriving, CHUNK)):
        intake.take(chunk)
    counts = intake.counts
    if counts.refused and not partial:
        raise BadInput(*counts.problems)
    if counts.stored:
        touch(pilot_id)
    return counts


@dataclass
class _Intake:
    """One recording under way: what is known of the pilot, and what became of the rows so far."""

    pilot: Pilot
    by: User | None
    source: str
    now: datetime
    reason: str
    tally: Counter[Fate] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        # Who records of a metric waits for who records of it already: two chains would cross.
        locked = self.pilot.metrics.select_for_update(no_key=True).order_by("pk")
        self.metrics: dict[str, Metric] = {metric.ref: metric for metric in locked}
        self.segments = frozenset(segments_of(self.pilot.dimensions))
        self.today = self.now.astimezone(ZoneInfo(self.pilot.timezone)).date()

    @property
    def counts(self) -> Counts:
        return Counts(**{fate.value: self.tally[fate] for fate in Fate}, problems=tuple(self.problems))

    def take(self, chunk: list[Row | Reading | Problem]) -> None:
        """Decide and store one chunk. By `as_of`, so that each key's chain grows in order."""
        accepted: list[tuple[Reading, int | None]] = []
        for row in chunk:
            if isinstance(row, Problem):
                self._refuse(row)
                continue
            reading, line = (row.reading, row.line) if isinstance(row, Row) else (row, None)
            if reason := self._reason_against(reading):
                self._refuse(Problem(reason, file=self.source, line=line))
            else:
                accepted.append((reading, line))
        accepted.sort(key=lambda pair: pair[0].as_of)
        self._store(accepted)

    def _reason_against(self, reading: Reading) -> str:
        if reading.metric not in self.metrics:
            return f"this pilot has no metric '{reading.metric}'"
        if reading.segment not in self.segments:
            return f"this pilot has no segment '{reading.segment}'"
        if reading.day > self.today:
            return f"{reading.day} is in the future"
        if reading.moments.n < 1:
            return "n must be at least 1"
        return ""

    def _refuse(self, problem: Problem) -> None:
        self.tally[Fate.REFUSED] += 1
        if len(self.problems) < LISTED:
            self.problems.append(problem)

    def _key(self, reading: Reading) -> Key:
        return (self.metrics[reading.metric].pk, reading.day, reading.segment, reading.arm.value)

    def _store(self, accepted: list[tuple[Reading, int | None]]) -> None:
        current = _current_values({self._key(reading) for reading, _ in accepted})
        older = {self._key(r) for r, _ in accepted if (k := current.get(self._key(r))) and r.as_of < k.as_of}
        at_instant = _earlier_values(older)
        changed: set[Key] = set()
        revisions: list[ReadingRevision] = []
        for reading, line in accepted:
            key, arriving = self._key(reading), Known(reading.as_of, reading.moments)
            before = current.get(key)
            fate = fate_of(
                arriving,
                current=before,
                same_instant=at_instant.get((key, reading.as_of)),
                is_correction=bool(self.reason),
            )
            if fate is Fate.REFUSED:
                self._refuse(_contradiction(reading, self.source, line))
                continue
            self.tally[fate] += 1
            if fate is Fate.SAME:
                continue
            at_instant[key, reading.as_of] = reading.moments
            if before is None or reading.as_of >= before.as_of:
                current[key] = arriving
                changed.add(key)
            revisions.append(self._revision(key, arriving, fate))
        ReadingRevision.objects.bulk_create(revisions)
        self._make_current({key: current[key] for key in changed})

    def _revision(self, key: Key, value: Known, fate: Fate) -> ReadingRevision:
        reason = self.reason if fate is Fate.CORRECTED else ""
        return ReadingRevision(**self._columns(key, value), kind=fate.value, by=self.by, reason=reason)

    def _make_current(self, values: dict[Key, Known]) -> None:
        Observation.objects.bulk_create(
            [Observation(**self._columns(key, value)) for key, value in values.items()],
            update_conflicts=True,
            unique_fields=["metric", "day", "segment", "arm"],
            update_fields=["n", "total", "total_sq", "as_of", "received_at", "source"],
        )

    def _columns(self, key: Key, value: Known) -> dict[str, object]:
        metric_id, day, segment, arm = key
        place = {"metric_id": metric_id, "day": day, "segment": segment, "arm": arm}
        return (
            place
            | asdict(value.moments)
            | {"as_of": value.as_of, "received_at": self.now, "source": self.source}
        )


def _contradiction(reading: Reading, source: str, line: int | None) -> Problem:
    place = f"{reading.metric}, {reading.day}, {reading.segment}, {reading.arm}"
    reason = f"{place}: other numbers are known for the same as_of; send a correction with a reason"
    return Problem(reason, file=source, line=line)


VALUE = ("metric_id", "day", "segment", "arm", "as_of", "n", "total", "total_sq")


def _current_values(keys: set[Key]) -> dict[Key, Known]:
    return {key: Known(as_of, moments) for key, as_of, moments in _stored(Observation, keys)}


def _earlier_values(keys: set[Key]) -> dict[tuple[Key, datetime], Moments]:
    """Return what is known of each instant of these keys; of one instant, what came last."""
    return {(key, as_of): moments for key, as_of, moments in _stored(ReadingRevision, keys)}


def _stored(
    model: type[Observation] | type[ReadingRevision], keys: set[Key]
) -> Iterator[tuple[Key, datetime, Moments]]:
    if not keys:
        return
    metrics, days, segments, _ = (set(column) for column in zip(*keys, strict=True))
    rows = model._default_manager.filter(metric__in=metrics, day__in=days, segment__in=segments).order_by(
        "pk"
    )
    for metric, day, segment, arm, as_of, n, total, total_sq in rows.values_list(*VALUE).iterator(CHUNK):
        if (key := (metric, day, segment, arm)) in keys:
            yield key, as_of, Moments(n, total, total_sq)
