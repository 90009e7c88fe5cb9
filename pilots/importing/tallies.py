"""Single cases added up to what was known of a day, segment and arm at each instant."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Context, Decimal
from typing import TypeVar

from pilots.evaluation.moments import Moments
from pilots.evaluation.specs import AccountSum, Reading
from pilots.evaluation.vocabulary import Arm

Slot = TypeVar("Slot", bound=Hashable)
Key = tuple[str, date, str, Arm]  # metric, day, segment, arm

# Sums of so many digits are exact in practice, so the order of the cases never shows in a sum.
EXACT = Context(prec=120)
NOTHING = Decimal(0)


@dataclass(slots=True)
class Tally:
    """The cases that became known together, and where the first of them stands."""

    line: int
    n: int = 0
    total: Decimal = NOTHING
    total_sq: Decimal = NOTHING

    def add(self, value: Decimal) -> None:
        self.n += 1
        self.total = EXACT.add(self.total, value)
        self.total_sq = EXACT.fma(value, value, self.total_sq)

    def merge(self, other: Tally) -> None:
        self.n += other.n
        self.total = EXACT.add(self.total, other.total)
        self.total_sq = EXACT.add(self.total_sq, other.total_sq)

    @property
    def moments(self) -> Moments:
        return Moments(self.n, float(self.total), float(self.total_sq))


@dataclass(slots=True)
class Tallies:
    """Add cases up by key and by the instant they became known.

    Holds one tally per key and instant, and one per account in each where accounts are given:
    it grows with the aggregates of a file, not with its cases.
    """

    _known: dict[Key, dict[datetime, Tally]] = field(default_factory=dict)
    _accounts: dict[Key, dict[tuple[datetime, str], Tally]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self._known)

    def add(self, key: Key, as_of: datetime, value: float, *, line: int, account: str = "") -> None:
        exact = Decimal(value)
        _tally(self._known.setdefault(key, {}), as_of, line).add(exact)
        if account:
            _tally(self._accounts.setdefault(key, {}), (as_of, account), line).add(exact)

    def readings(self) -> Iterator[tuple[int, Reading]]:
        """Yield, with its line, all that was known of each key at every instant at which that changed."""
        for key in sorted(self._known):
            so_far = Tally(0)
            metric, day, segment, arm = key
            for as_of, tally in sorted(self._known[key].items()):
                so_far.merge(tally)
                yield tally.line, Reading(metric, day, segment, so_far.moments, as_of, arm)

    def account_sums(self) -> Iterator[AccountSum]:
        """Yield what each account added to each key, and when."""
        for key in sorted(self._accounts):
            metric, day, segment, arm = key
            for (as_of, account), tally in sorted(self._accounts[key].items()):
                yield AccountSum(metric, day, segment, arm, account, as_of, tally.n, float(tally.total))


def _tally(tallies: dict[Slot, Tally], slot: Slot, line: int) -> Tally:
    if slot not in tallies:
        tallies[slot] = Tally(line)
    return tallies[slot]
