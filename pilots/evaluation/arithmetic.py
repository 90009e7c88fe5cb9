"""Arithmetic on arrays of looks, in a fixed order: neither padding nor company shows in a digit."""

from __future__ import annotations

import numpy as np

from pilots.evaluation.stacks import Flags, Floats, Ints


def ratio(x: Floats | Ints, y: Floats | Ints) -> Floats:
    """Divide; anything by nothing is nothing."""
    quotient: Floats = np.where(y != 0, x / np.where(y != 0, y, 1), 0.0)
    return quotient


def over_cells(x: Floats) -> Floats:
    """Add up over the first axis."""
    # numpy adds a single row in pairs, several rows one after the other.
    total: Floats = np.add.accumulate(x, axis=0)[-1] if x[0].size == 1 else np.add.reduce(x, axis=0)
    return total


def over_days(x: Floats) -> Floats:
    """Add up over the last axis but one."""
    alone = x.shape[-1] == 1
    total: Floats = np.add.accumulate(x, axis=-2)[..., -1, :] if alone else np.add.reduce(x, axis=-2)
    return total


def masked(x: Floats, flags: Flags) -> Floats:
    """Keep some numbers and set the others to zero, laid out day by day."""
    return np.multiply(x, flags, order="C")


def median_of_days(x: Floats) -> Floats:
    """Return the median over the last axis but one of the numbers that are known; without any, nan."""
    known = (~np.isnan(x)).sum(axis=-2, keepdims=True)
    ordered = np.sort(x, axis=-2)  # nan last
    low = np.take_along_axis(ordered, np.maximum(known - 1, 0) // 2, axis=-2)
    high = np.take_along_axis(ordered, np.minimum(known // 2, x.shape[-2] - 1), axis=-2)
    middle: Floats = (low + high) / 2
    return middle


def lagged(x: Floats, lag: int) -> Floats:
    """Multiply each day with the one `lag` days later, and add up."""
    days = x.shape[0]
    return over_days(x[: days - lag] * x[lag:]) if lag < days else np.zeros(x.shape[-1])
