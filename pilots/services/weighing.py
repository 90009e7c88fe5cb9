"""What would become of rows if they were stored now. Nothing is stored, and nobody waits for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pilots.evaluation.moments import Moments
from pilots.importing.readings import Row
from pilots.models import Pilot
from pilots.services.arrivals import Fate, Known
from pilots.services.chains import Arrival, Chains, Key
from pilots.services.intake import Counts, Intake

CHUNK = 5_000
TOLD = 20  # rows that need a reason, told one by one
AS_IF_CORRECTED = "to be said"


@dataclass(frozen=True, slots=True)
class Weighed:
    """What would become of the row on a line; `before` is what is known in its place."""

    fate: Fate
    before: Moments | None


@dataclass(frozen=True, slots=True)
class Weighing:
    """What would become of all rows. The lines in `replacing` need a reason to be stored: they give
    other numbers for an instant that is known already.
    """

    counts: Counts
    replacing: tuple[int, ...]
    rows: dict[int, Weighed]


def weigh(pilot: Pilot, rows: Sequence[Row], *, shown: Collection[int], now: datetime) -> Weighing:
    """Weigh rows in the order in which they would be stored, as if every correction had its reason.

    What becomes of the lines in `shown` is told one by one, and of the first that need a reason.
    """
    scales = _Scales(pilot, shown, Arrival(now, "", reason=AS_IF_CORRECTED))
    for first in range(0, len(rows), CHUNK):
        scales.take(rows[first : first + CHUNK])
    return Weighing(scales.counts, tuple(scales.replacing), scales.rows)


class _Scales(Intake):
    def __init__(self, pilot: Pilot, shown: Collection[int], arrival: Arrival) -> None:
        super().__init__(pilot, pilot.metrics.order_by("pk"), arrival, _Imagined())
        self.shown = set(shown)
        self.replacing: list[int] = []
        self.rows: dict[int, Weighed] = {}

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
        known = before.moments if before and before.as_of == value.as_of else same_instant
        if known is not None and known != value.moments and line is not None:
            self.replacing.append(line)
            if len(self.replacing) <= TOLD:
                self.shown.add(line)
        if line in self.shown and line is not None:
            self.rows[line] = Weighed(fate, known or (before.moments if before else None))


class _Imagined(Chains):
    """The chains in the database, and what would have been added to them so far."""

    def __init__(self) -> None:
        self.newest: dict[Key, Known] = {}
        self.values: dict[Key, dict[datetime, Moments]] = {}

    def current_values(self, keys: Collection[Key]) -> dict[Key, Known]:
        current = super().current_values(keys)
        for key in self.newest.keys() & set(keys):
            stored = current.get(key)
            if stored is None or self.newest[key].as_of >= stored.as_of:
                current[key] = self.newest[key]
        return current

    def values_by_instant(self, keys: Collection[Key]) -> dict[tuple[Key, datetime], Moments]:
        known = super().values_by_instant(keys)
        added = {(key, at): m for key in keys for at, m in self.values.get(key, {}).items()}
        return known | added

    def append(self, links: Iterable[tuple[Key, Known, Fate]], arrival: Arrival) -> None:
        for key, value, _ in links:
            self.values.setdefault(key, {})[value.as_of] = value.moments
            stored = self.newest.get(key)
            if stored is None or value.as_of >= stored.as_of:
                self.newest[key] = value
