"""The readings of a metric in columns, as they come from the database and go into arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import overload

import numpy as np

from pilots.evaluation.marks import Words, marks_of, salt_of
from pilots.evaluation.moments import Moments
from pilots.evaluation.specs import Reading
from pilots.evaluation.stacks import Flags, Floats, Ints
from pilots.evaluation.vocabulary import Arm


@dataclass(frozen=True, slots=True)
class Sheet:
    """One metric's readings, one entry a key, in any order.

    `day` has the days' ordinals, `place` the position of each segment among `names`, which are sorted.
    """

    names: tuple[str, ...]
    day: Ints
    place: Ints
    control: Flags
    n: Ints
    total: Floats
    total_sq: Floats

    def __len__(self) -> int:
        return len(self.day)

    @property
    def marks(self) -> Words:
        salts = np.array(
            [[salt_of(name, arm) for name in self.names] for arm in (Arm.PILOT, Arm.CONTROL)], dtype=np.uint64
        )
        return marks_of(
            salts[self.control.astype(int), self.place], (self.day, self.n, self.total, self.total_sq)
        )

    def cases(self, segments: Sequence[str], *, first: int, days: int) -> Floats:
        """Lay the cases of some segments out as moment × segment × day, from a day's ordinal on."""
        cases = np.zeros((3, len(segments), days))
        place, day = self.place, self.day - first
        there = (day >= 0) & (day < days)
        if segments != self.names:
            places = {name: number for number, name in enumerate(segments)}
            place = np.array([places.get(name, -1) for name in self.names])[place]
            there &= place >= 0
        cases[:, place[there], day[there]] = (self.n[there], self.total[there], self.total_sq[there])
        return cases

    def readings(self, metric: str, *, as_of: datetime) -> Iterator[Reading]:
        """Yield the readings, as known at one instant."""
        columns = (self.day, self.place, self.control, self.n, self.total, self.total_sq)
        for day, place, control, *moments in zip(*(column.tolist() for column in columns), strict=True):
            arm = Arm.CONTROL if control else Arm.PILOT
            yield Reading(metric, date.fromordinal(day), self.names[place], Moments(*moments), as_of, arm)


def sheet_of(
    segments: Sequence[str], day: Ints, control: Flags, n: Ints, total: Floats, total_sq: Floats
) -> Sheet:
    """Return the sheet of some columns, their segments by name."""
    names, place = _places(tuple(segments))
    return Sheet(names, day, place, control, n, total, total_sq)


@lru_cache(maxsize=256)
def _places(segments: tuple[str, ...]) -> tuple[tuple[str, ...], Ints]:
    """Number segments in order of their names; most metrics are read in the same segments every day."""
    names = tuple(sorted(set(segments)))
    numbers = {name: number for number, name in enumerate(names)}
    return names, np.array([numbers[name] for name in segments], dtype=np.int64)


def sheet_of_readings(readings: Iterable[Reading]) -> Sheet:
    rows = list(readings)
    return sheet_of(
        segments=[r.segment for r in rows],
        day=np.array([r.day.toordinal() for r in rows], dtype=np.int64),
        control=np.array([r.arm is Arm.CONTROL for r in rows], dtype=bool),
        n=np.array([r.moments.n for r in rows], dtype=np.int64),
        total=np.array([r.moments.total for r in rows], dtype=np.float64),
        total_sq=np.array([r.moments.total_sq for r in rows], dtype=np.float64),
    )


class Frozen(Sequence[Reading]):
    """The frozen readings of a baseline, on a sheet; each is made when it is asked for."""

    def __init__(self, metric: str, sheet: Sheet, *, as_of: datetime) -> None:
        self.metric, self.sheet, self.as_of = metric, sheet, as_of

    def __len__(self) -> int:
        return len(self.sheet)

    def __iter__(self) -> Iterator[Reading]:
        return self.sheet.readings(self.metric, as_of=self.as_of)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]  # as a list of readings has none

    @overload
    def __getitem__(self, number: int) -> Reading: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Reading]: ...
    def __getitem__(self, number: int | slice) -> Reading | Sequence[Reading]:
        return tuple(self)[number]
