"""Mergeable moments of cases: what a reading holds, and all that is ever added up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import fsum, nan


@dataclass(frozen=True, slots=True)
class Moments:
    """Count, sum and sum of squares of cases, in the metric's unit (for a rate: total = successes)."""

    n: int = 0
    total: float = 0.0
    total_sq: float = 0.0

    def __add__(self, other: Moments) -> Moments:
        return Moments(self.n + other.n, self.total + other.total, self.total_sq + other.total_sq)

    @property
    def mean(self) -> float | None:
        """Return the mean of the cases, or None where there are none."""
        return self.total / self.n if self.n else None

    @property
    def variance(self) -> float | None:
        """Return the sample variance of the cases, or None below two cases."""
        if self.n < 2:
            return None
        return max(self.total_sq - self.total**2 / self.n, 0.0) / (self.n - 1)


def merged(parts: Iterable[Moments]) -> Moments:
    """Add moments up in a fixed order, so that the order of arrival never shows in a digit."""
    ordered = sorted(parts, key=lambda m: (m.n, m.total, m.total_sq))
    return sum(ordered, Moments())


def exact_sum(numbers: Iterable[float]) -> float:
    """Add numbers up exactly, whatever their order; what cannot be added is not a number (nan)."""
    try:
        return fsum(numbers)
    except (OverflowError, ValueError):
        return nan
