"""Days of a segment that cannot be true, such as minutes entered for hours (step 1)."""

from __future__ import annotations

from collections.abc import Iterator
from math import log
from statistics import median

from pilots.evaluation.moments import Moments
from pilots.evaluation.windows import Sample, Spot, Window

FURTHEST_SPREADS = 6 * 1.4826  # median absolute deviations, as standard deviations of normal days
FURTHEST_AT_LEAST = log(5)


def implausible(sample: Sample, *, logs: bool) -> frozenset[Spot]:
    """Return the pilot's day-segments that are set aside; `logs` says that cases are held as log(1 + x)."""
    usual = dict(_usual(sample.before, logs=logs))
    aside = set()
    for day, segments in sample.after.dated():
        for segment, moments in segments.items():
            if moments.n and (moments.total <= 0 or _is_off(moments, usual.get(segment), logs=logs)):
                aside.add(Spot(day, segment))
    return frozenset(aside)


def _usual(before: Window, *, logs: bool) -> Iterator[tuple[str, tuple[float, float]]]:
    """Yield each segment's median log level before the pilot, and how far a day may lie from it."""
    levels: dict[str, list[float]] = {}
    for day in before.days:
        for segment, moments in day.items():
            if moments.n and moments.total > 0:
                levels.setdefault(segment, []).append(log_level(moments, logs=logs))
    for segment, known in levels.items():
        middle = median(known)
        spread = median(abs(level - middle) for level in known)
        yield segment, (middle, max(FURTHEST_SPREADS * spread, FURTHEST_AT_LEAST))


def _is_off(moments: Moments, usual: tuple[float, float] | None, *, logs: bool) -> bool:
    return usual is not None and abs(log_level(moments, logs=logs) - usual[0]) > usual[1]


def log_level(moments: Moments, *, logs: bool) -> float:
    mean = moments.total / moments.n
    return mean if logs else log(mean)
