"""What a dashboard does: every day, the plain mean against the limit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.simulation.worlds import PILOT_DAYS, Trials

FIRST_SCALE_UP, FIRST_STOP = 14, 7
Calls = NDArray[np.bool_]  # trial, day of the pilot from 1


def plain_calls(
    trials: Trials, *, improve_by: float, worsen_by: float, window_days: int | None
) -> tuple[Calls, Calls]:
    """Return the days of scale-up and of stop; without `window_days` the whole pilot so far counts."""
    before = trials.baseline.total.sum(axis=(1, 2)) / trials.baseline.n.sum(axis=(1, 2))
    shape = (len(before), PILOT_DAYS + 1)
    scale_up, stop = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    for day in range(FIRST_STOP, PILOT_DAYS + 1):
        known = trials.known(day).days(max(day - (window_days or day), 0), day)
        n, total = known.n.sum(axis=(1, 2)), known.total.sum(axis=(1, 2))
        change = np.where(n > 0, total / np.maximum(n, 1) / before - 1, 0.0)
        scale_up[:, day] = (change < -improve_by) & (day >= FIRST_SCALE_UP)
        stop[:, day] = change >= worsen_by
    return scale_up, stop
