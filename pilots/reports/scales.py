"""From values to places on a drawing: x in per cent, y in pixels."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0, 20.0)
MOST_LABELS = 6
FLAT = 1e-9  # what differs less than this share of itself is drawn as one value


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight line from values to places; `at` may lead outside, `within` is held at the ends."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 2)

    def within(self, value: float) -> float:
        return self.at(min(max(value, self.low), self.high))

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high


def readable_ticks(low: float, high: float) -> tuple[float, ...]:
    """Return four to six round values that cover a range."""
    if high - low <= FLAT * max(abs(low), abs(high), FLAT):
        pad = abs(low) * 0.05 or 1.0
        low, high = low - pad, high + pad
    rough = (high - low) / (MOST_LABELS - 1)
    power = 10.0 ** floor(log10(rough))
    for factor in STEPS:
        step = factor * power
        first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
        if last - first < MOST_LABELS:
            return tuple(float(f"{i * step:.12g}") for i in range(first, max(last, first + 3) + 1))
    raise AssertionError("a step of twenty times the power always fits")  # pragma: no cover


def spread_out(places: list[float], *, gap: float) -> list[float]:
    """Move labels apart until each is at least `gap` from the one above, keeping their order."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    moved = list(places)
    for above, below in pairwise(order):
        moved[below] = max(moved[below], moved[above] + gap)
    return moved
