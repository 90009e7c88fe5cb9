"""Rows on their way in: what becomes of each, by what is known of its key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pilots.evaluation.days import local_day
from pilots.evaluation.moments import Moments
from pilots.evaluation.specs import Reading
from pilots.importing.errors import Problem
from pilots.importing.readings import Row
from pilots.importing.segments import segments_of
from pilots.models import Metric, Pilot
from pilots.services.arrivals import Fate, Known, fate_of
from pilots.services.chains import Arrival, Chains, Key

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


class Intake:
    """One recording under way: what the pilot knows, and what became of the rows so far."""

    def __init__(
        self,
        pilot: Pilot,
        metrics: Iterable[Metric],
        arrival: Arrival,
        chains: Chains,
        *,
        listed: int = LISTED,
    ) -> None:
        self.metrics: dict[str, int] = {metric.ref: metric.pk for metric in metrics}
        self.segments = frozenset(segments_of(pilot.dimensions))
        self.today = local_day(arrival.received_at, pilot.timezone)
        self.arrival = arrival
        self.chains = chains
        self.listed = listed
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
            accepted.append((self.key_of(reading), Known(reading.as_of, reading.moments), line))
        accepted.sort(key=lambda arriving: arriving[1].as_of)
        self.store(accepted)

    def key_of(self, reading: Reading) -> Key:
        return Key(self.metrics[reading.metric], reading.day, reading.segment, str(reading.arm))

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
        if len(self.problems) < self.listed:
            self.problems.append(problem)

    def store(self, accepted: Sequence[tuple[Key, Known, int | None]]) -> None:
        current = self.chains.current_values({key for key, _, _ in accepted})
        outdated = {key for key, value, _ in accepted if key in current and value.as_of < current[key].as_of}
        known = self.chains.values_by_instant(outdated)
        links: list[tuple[Key, Known, Fate]] = []
        for key, value, line in accepted:
            before, same_instant = current.get(key), known.get((key, value.as_of))
            is_correction = bool(self.arrival.reason)
            fate = fate_of(value, current=before, same_instant=same_instant, is_correction=is_correction)
            self.notice(fate, key, value, line, before=before, same_instant=same_instant)
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
        self.chains.append(links, self.arrival)

    def notice(
        self,
        fate: Fate,
        key: Key,
        value: Known,
        line: int | None,
        *,
        before: Known | None,
        same_instant: Moments | None,
    ) -> None:
        """Learn what becomes of one row; who only looks at rows notes it here."""

    def contradiction(self, key: Key, line: int | None) -> Problem:
        metric = next(ref for ref, pk in self.metrics.items() if pk == key.metric_id)
        place = f"{metric}, {key.day}, {key.segment}, {key.arm}"
        reason = f"{place}: other numbers are known for the same as_of; send a correction with a reason"
        return Problem(reason, file=self.arrival.source, line=line)
