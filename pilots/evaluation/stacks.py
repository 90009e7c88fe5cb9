"""The cases of many looks in arrays: moment × segment × day × look, the look last.

Windows start at their first day; beyond their lengths every array holds zeros. What all looks share
may have a last axis of one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pilots.evaluation.estimates import PLAIN, Scale

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class AccountCases:
    """Cases by account, one entry each; all but the sums are positions on their axes."""

    look: Ints
    day: Ints
    segment: Ints
    account: Ints
    n: Floats
    total: Floats

    def only(self, there: Flags) -> AccountCases:
        look, day, segment, account = (
            column[there] for column in (self.look, self.day, self.segment, self.account)
        )
        return AccountCases(look, day, segment, account, self.n[there], self.total[there])


@dataclass(frozen=True, slots=True)
class Stack:
    """One arm's baseline days, and its days since the stage began."""

    before: Floats
    after: Floats
    accounts_before: AccountCases | None = None
    accounts_after: AccountCases | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Many looks. Weekends are day × look; `look_days` counts the days from the stage's first to the look's.

    Of these the last `maturity_days` are not used yet. `before_days` has the calendar lengths of the
    baselines.
    """

    pilot: Stack
    before_weekend: Flags
    after_weekend: Flags
    before_days: Ints
    look_days: Ints
    maturity_days: int = 0
    scale: Scale = PLAIN
    settled_spread: bool = False  # how days hang together is learnt from the baseline alone
    control: Stack | None = None

    @property
    def arms(self) -> tuple[Stack, ...]:
        return (self.pilot,) if self.control is None else (self.pilot, self.control)

    @property
    def used_days(self) -> Ints:
        return np.maximum(self.look_days - self.maturity_days, 0)
