"""What one part of a rule looks like at one look: its gain, how far that may be off, and what it lacks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import expm1, isclose, isfinite, nan

from pilots.evaluation.bars import bar
from pilots.evaluation.conditions import Floor
from pilots.evaluation.estimates import Estimate
from pilots.evaluation.rules import Rule

FEWEST_PER_CELL = 10
MOST_MISSING = 0.3
MOST_OUTSIDE = 0.05
SHORTEST_BASELINE = 28
HOLDING_DAYS = 7
AT_ONCE = ("no_baseline", "no_control_baseline", "too_many_cells", "negative_values", "zero_baseline")


@dataclass(frozen=True, slots=True)
class Sight:
    """One part at one look: its gain on the log scale (positive is better), and how far that may be off."""

    part: str
    estimate: Estimate
    gain: float
    bar: float
    reach: float
    why: str | None

    @property
    def low(self) -> float:
        return self.gain - self.reach

    @property
    def high(self) -> float:
        return self.gain + self.reach


@dataclass(frozen=True, slots=True)
class Glance:
    """A look at a rule: the day judged, the day looked on, and what the readings allow.

    `blocked` names what keeps every answer from being given, such as a stale metric.
    """

    day: date
    looked_on: date
    is_reading: bool
    controlled: bool = False
    blocked: str | None = None


def sight_of(
    rule: Rule, part: str, estimate: Estimate, glance: Glance, first_variances: dict[str, float]
) -> Sight:
    cadence, gain = rule.metric.cadence_days, rule.sign * estimate.change
    worse = False
    if rule.asks_for_better and not rule.condition.spans_a_gap:
        watched = f"worse {part}"
        if not shortfall(estimate, rule.worse.floor, cadence_days=cadence, blocked=glance.blocked):
            first = first_variances.setdefault(watched, estimate.v)
            worse = -gain > _bar(rule.worse.alpha, first, estimate) * estimate.error
    why = shortfall(estimate, rule.floor, cadence_days=cadence, blocked=glance.blocked)
    if why is None and not worse:
        first_variances.setdefault(part, estimate.v)
    c = _bar(rule.alpha, first_variances.get(part, estimate.v), estimate)
    return Sight(part, estimate, gain, c, c * estimate.error, why)


def _bar(alpha: float, first: float, estimate: Estimate) -> float:
    return bar(alpha, 1 + first / estimate.v_base) if estimate.v_base > 0 else nan


def shortfall(estimate: Estimate, floor: Floor, *, cadence_days: int, blocked: str | None) -> str | None:
    """Name the first reason for which a look proves nothing (step 7)."""
    missing, periods = missing_periods(estimate.days, estimate.reading_days, cadence_days)
    thin = estimate.thinnest is not None and estimate.thinnest[1] < FEWEST_PER_CELL
    reasons = (
        (estimate.flaw if estimate.flaw in AT_ONCE else "", estimate.flaw in AT_ONCE),
        ("short_baseline", estimate.base_days < SHORTEST_BASELINE),
        ("first_look", estimate.days < floor.days),
        ("too_small", estimate.fewest < floor.sample),
        ("missing_days", missing > MOST_MISSING * periods),
        ("new_segment", estimate.outside > MOST_OUTSIDE),
        ("thin_cell", thin),
        (blocked, blocked is not None),
        (estimate.flaw, estimate.flaw is not None),
    )
    return next((why for why, holds in reasons if holds), None)


def missing_periods(days: int, reading_days: int, cadence_days: int) -> tuple[int, int]:
    """Return how many reading periods lack their reading, and how many there were.

    A day that is looked at counts; of longer periods only those that are over do.
    """
    periods = days if cadence_days == 1 else max(days - 1, 0) // cadence_days
    return max(periods - reading_days, 0), periods


def reaches(size: float, limit: float) -> bool:
    # A number on its limit but for rounding lies on it.
    return size >= limit or isclose(size, limit, rel_tol=1e-9, abs_tol=1e-12)


def fraction(change: float) -> float | None:
    """Return a logarithm as a fraction of change; nothing where it is unknown or beyond all numbers."""
    return expm1(change) if isfinite(change) and change < 700 else None


def held_by(rule: Rule, glance: Glance, found: Estimate) -> tuple[tuple[date, str], ...]:
    """Return the implausible day-segments of the last days, which hold a scale-up back."""
    since = glance.looked_on - timedelta(days=HOLDING_DAYS)
    return tuple(spot for spot in found.aside if spot.day > since) if rule.asks_for_better else ()


def thinnest_group(found: Estimate) -> tuple[str, int] | None:
    if found.thinnest is None:
        return None
    cell, n = found.thinnest
    return f"{cell.segment} {'at weekends' if cell.weekend else 'on weekdays'}", n
