"""Calendar windows of cases by segment: what the interval method looks at."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple, TypeVar

from pilots.evaluation.moments import Moments

Day = Mapping[str, Moments]  # the cases of one calendar day by segment; empty: nothing is known
Accounts = Mapping[str, Mapping[str, Moments]]  # of one day, by segment and account
SATURDAY = 5
Held = TypeVar("Held")


class Cell(NamedTuple):
    """A segment's cases on weekdays, or at the weekend."""

    segment: str
    weekend: bool


class Spot(NamedTuple):
    """One day of one segment."""

    day: date
    segment: str


@dataclass(frozen=True, slots=True)
class Window:
    """Every calendar day from `first_day` on, one entry a day, days without cases included."""

    first_day: date
    days: tuple[Day, ...]
    accounts: tuple[Accounts, ...] = ()  # as long as `days`, where cases carry an account

    def __len__(self) -> int:
        return len(self.days)

    def dated(self) -> Iterator[tuple[date, Day]]:
        for number, day in enumerate(self.days):
            yield self.first_day + timedelta(days=number), day

    def first(self, length: int) -> Window:
        """Return the window cut to its first days."""
        length = max(length, 0)
        return Window(self.first_day, self.days[:length], self.accounts[:length])

    def without(self, spots: Collection[Spot]) -> Window:
        """Return the window with some segments of some days left out."""
        if not spots:
            return self
        days = tuple(_without(on, day, spots) for on, day in self.dated())
        dated = zip(self.dated(), self.accounts, strict=False)
        return Window(self.first_day, days, tuple(_without(on, held, spots) for (on, _), held in dated))

    def by_cell(self, *, merged: bool) -> Cells:
        """Sort the cases into cells; where they are merged, the weekend is a day like others."""
        days, accounts = [], dict[str, dict[Cell, Moments]]()
        for number, (on, day) in enumerate(self.dated()):
            weekend = not merged and on.weekday() >= SATURDAY
            days.append({Cell(segment, weekend): moments for segment, moments in day.items()})
            for segment, held in self.accounts[number].items() if self.accounts else ():
                for account, moments in held.items():
                    cells, cell = accounts.setdefault(account, {}), Cell(segment, weekend)
                    cells[cell] = cells.get(cell, Moments()) + moments
        return Cells(days, accounts)


@dataclass(frozen=True, slots=True)
class Cells:
    """A window's cases by cell, day by day and, where they are known, account by account."""

    days: Sequence[Mapping[Cell, Moments]]
    accounts: Mapping[str, Mapping[Cell, Moments]]


@dataclass(frozen=True, slots=True)
class Sample:
    """One arm's windows at a look: the baseline, and every day from the stage's first to the look's."""

    before: Window
    after: Window


def _without(on: date, day: Mapping[str, Held], spots: Collection[Spot]) -> dict[str, Held]:
    return {segment: held for segment, held in day.items() if Spot(on, segment) not in spots}
