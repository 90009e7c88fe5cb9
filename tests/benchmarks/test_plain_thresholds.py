from __future__ import annotations

import numpy as np

from benchmarks.simulation.plain_thresholds import plain_calls
from benchmarks.simulation.worlds import BASELINE_DAYS, PILOT_DAYS, Cases, Numbers, Trials


def at_levels(levels: Numbers) -> Trials:
    """One pilot with 10 cases a day and segment, 20 hours each before it and these afterwards."""
    return Trials(baseline=_cases(np.full(BASELINE_DAYS, 20.0)), arrivals=(_cases(levels),))


def _cases(levels: Numbers) -> Cases:
    n = np.full((1, len(levels), 3), 10.0)
    total = n * levels[None, :, None]
    return Cases(n, total, total**2)


def called(levels: Numbers, *, window_days: int | None) -> tuple[list[int], list[int]]:
    scale_up, stop = plain_calls(at_levels(levels), improve_by=0.05, worsen_by=0.05, window_days=window_days)
    return np.flatnonzero(scale_up[0]).tolist(), np.flatnonzero(stop[0]).tolist()


def test_a_level_that_stays_calls_nothing() -> None:
    assert called(np.full(PILOT_DAYS, 20.0), window_days=7) == ([], [])


def test_a_better_level_is_called_from_day_14() -> None:
    scale_up, stop = called(np.full(PILOT_DAYS, 18.0), window_days=7)
    assert (scale_up, stop) == (list(range(14, PILOT_DAYS + 1)), [])


def test_one_bad_day_stops_while_it_lies_in_the_window() -> None:
    levels = np.full(PILOT_DAYS, 20.0)
    levels[29] = 60.0
    assert called(levels, window_days=7) == ([], list(range(30, 37)))


def test_the_whole_pilot_forgets_nothing() -> None:
    levels = np.full(PILOT_DAYS, 20.0)
    levels[29] = 60.0
    assert called(levels, window_days=None)[1] == list(range(30, 41))


def test_a_harm_on_its_limit_is_reached() -> None:
    assert called(np.full(PILOT_DAYS, 21.0 + 1e-9), window_days=7)[1][0] == 7
