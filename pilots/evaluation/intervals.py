"""The interval method at one look: what is proven on the same mix, and what is not (steps 6, 7 and 11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, expm1, isclose, isfinite, isnan, nan

from pilots.evaluation.bars import bar
from pilots.evaluation.conditions import Floor, Judged, Measure
from pilots.evaluation.dependence import SAFETY
from pilots.evaluation.estimates import Estimate
from pilots.evaluation.results import Interval
from pilots.evaluation.rules import Rule
from pilots.evaluation.vocabulary import MetricKind, Truth

FEWEST_PER_CELL = 10
MOST_MISSING = 0.3
MOST_OUTSIDE = 0.05
SHORTEST_BASELINE = 28
HOLDING_DAYS = 7
POWER = 0.84  # the normal quantile of 80 %
MATERIAL = 0.02
AT_ONCE = ("no_baseline", "no_control_baseline", "too_many_cells", "negative_values")


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


def judge_look(
    rule: Rule, glance: Glance, estimates: Sequence[Estimate], first_variances: dict[str, float]
) -> Judged:
    """Answer a rule at one look, from one estimate for each part.

    A first look adds its variance to `first_variances`, which no later look changes.
    """
    pairs = zip(rule.parts, estimates, strict=True)
    sights = [_sight(rule, part, found, glance, first_variances) for part, found in pairs]
    if rule.condition.spans_a_gap:
        return _judge_gap(rule, glance, [s for s in sights if s.estimate.n or s.estimate.base_n])
    return _judge_one(rule, glance, sights[0])


def shortfall(estimate: Estimate, floor: Floor, *, cadence_days: int, blocked: str | None) -> str | None:
    """Name the first reason for which a look proves nothing (step 7)."""
    read = estimate.reading_days * cadence_days
    thin = estimate.thinnest is not None and estimate.thinnest[1] < FEWEST_PER_CELL
    reasons = (
        (estimate.flaw if estimate.flaw in AT_ONCE else "", estimate.flaw in AT_ONCE),
        ("short_baseline", estimate.base_days < SHORTEST_BASELINE),
        ("first_look", estimate.days < floor.days),
        ("too_small", estimate.fewest < floor.sample),
        ("missing_days", estimate.days - read > MOST_MISSING * estimate.days),
        ("new_segment", estimate.outside > MOST_OUTSIDE),
        ("thin_cell", thin),
        (blocked, blocked is not None),
        (estimate.flaw, estimate.flaw is not None),
    )
    return next((why for why, holds in reasons if holds), None)


def _sight(
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


def _judge_one(rule: Rule, glance: Glance, sight: Sight) -> Judged:
    why = sight.why or ("no_limit" if rule.limit is None else None)
    past = _is_past(rule, rule.limit, sight)
    truth = Truth.UNKNOWN if why else Truth.TRUE if past else Truth.FALSE
    return Judged(
        day=glance.day,
        measure=_measure(rule, sight.estimate, why),
        truth=truth,
        cleared=truth is Truth.FALSE and not _is_past(rule, rule.clear_limit, sight),
        past=past,
        why=why,
        is_reading=glance.is_reading,
        interval=_interval(rule, glance, sight),
    )


def _is_past(rule: Rule, limit: float | None, sight: Sight) -> bool:
    """Say whether a gain beyond the limit is proven; or a loss is, and its best estimate lies beyond it."""
    if limit is None:
        return False
    if rule.asks_for_better:
        return sight.low > limit
    return sight.high < 0 and _reaches(-sight.gain, limit)


def _reaches(size: float, limit: float) -> bool:
    # A number on its limit but for rounding lies on it.
    return size >= limit or isclose(size, limit, rel_tol=1e-9, abs_tol=1e-12)


def _judge_gap(rule: Rule, glance: Glance, sights: Sequence[Sight]) -> Judged:
    """Judge the difference between the best and the worst part, each bound by its own interval."""
    why = next((s.why for s in sights if s.why), None)
    if len(sights) < 2:
        why = why or "one_category"
    if rule.limit is None:
        why = why or "no_limit"
    width = low = high = nan
    if sights:
        width = max(s.gain for s in sights) - min(s.gain for s in sights)
        low = max(max(s.low for s in sights) - min(s.high for s in sights), 0.0)
        high = max(s.high for s in sights) - min(s.low for s in sights)
    past = rule.limit is not None and _gap_is_past(rule, rule.limit, width, low, high)
    truth = Truth.UNKNOWN if why else Truth.TRUE if past else Truth.FALSE
    held = rule.clear_limit is not None and _gap_is_past(rule, rule.clear_limit, width, low, high)
    return Judged(
        day=glance.day,
        measure=Measure(
            value=None,
            baseline=None,
            change=fraction(width),
            n=sum(s.estimate.n for s in sights),
            sample=min((s.estimate.fewest for s in sights), default=0),
            why=why,
        ),
        truth=truth,
        cleared=truth is Truth.FALSE and not held,
        past=past,
        why=why,
        is_reading=glance.is_reading,
        interval=_gap_interval(rule, glance, sights, low, high, known=why is None),
    )


def _gap_is_past(rule: Rule, limit: float, width: float, low: float, high: float) -> bool:
    return high < limit if rule.asks_for_better else low > 0 and _reaches(width, limit)


def _measure(rule: Rule, found: Estimate, why: str | None) -> Measure:
    return Measure(
        value=_level(rule, found.level),
        baseline=_level(rule, found.base_level),
        change=fraction(found.change),
        n=found.n,
        sample=found.fewest,
        why=why,
    )


def _level(rule: Rule, level: float) -> float | None:
    if rule.metric.kind is MetricKind.GEOMETRIC_MEAN:
        return fraction(level)
    return level if isfinite(level) else None


def fraction(change: float) -> float | None:
    """Return a logarithm as a fraction of change; nothing where it is unknown or beyond all numbers."""
    return expm1(change) if isfinite(change) and change < 700 else None


def _interval(rule: Rule, glance: Glance, sight: Sight) -> Interval:
    found = sight.estimate
    change, reach = found.change, sight.reach
    known = sight.why is None
    limit = rule.limit or 0.0
    return Interval(
        low=fraction(change - reach) if known else None,
        high=fraction(change + reach) if known else None,
        raw=fraction(found.raw),
        mix=fraction(found.raw - change),
        days=found.days,
        empty_days=found.days - found.reading_days,
        aside=tuple(found.aside),
        held_by=_held_by(rule, glance, found),
        worse=known and sight.high < 0,
        better=known and sight.low > 0,
        settled=known and abs(sight.gain - (limit if rule.asks_for_better else -limit)) > reach,
        known_by=_known_by(rule, sight) if known and rule.asks_for_better else None,
        thin=_thin(found),
        controlled=glance.controlled,
        misleads=known and _misleads(found, reach, limit),
    )


def _gap_interval(
    rule: Rule, glance: Glance, sights: Sequence[Sight], low: float, high: float, *, known: bool
) -> Interval:
    held = {spot for s in sights for spot in _held_by(rule, glance, s.estimate)}
    thin = [t for s in sights if (t := _thin(s.estimate))]
    return Interval(
        low=fraction(low) if known else None,
        high=fraction(high) if known else None,
        days=max((s.estimate.days for s in sights), default=0),
        empty_days=max((s.estimate.days - s.estimate.reading_days for s in sights), default=0),
        aside=tuple(sorted({spot for s in sights for spot in s.estimate.aside})),
        held_by=tuple(sorted(held)),
        controlled=glance.controlled,
        settled=known and (high < (rule.limit or 0.0) or low > (rule.limit or 0.0)),
        thin=min(thin, key=lambda t: t[1], default=None),
    )


def _held_by(rule: Rule, glance: Glance, found: Estimate) -> tuple[tuple[date, str], ...]:
    """Return the implausible day-segments of the last days, which hold a scale-up back."""
    since = glance.looked_on - timedelta(days=HOLDING_DAYS)
    return tuple(spot for spot in found.aside if spot.day > since) if rule.asks_for_better else ()


def _thin(found: Estimate) -> tuple[str, int] | None:
    if found.thinnest is None:
        return None
    cell, n = found.thinnest
    return f"{cell.segment} {'at weekends' if cell.weekend else 'on weekdays'}", n


def _misleads(found: Estimate, reach: float, limit: float) -> bool:
    """Say whether the raw number points the other way, far enough to matter, and one of the two is proven."""
    if isnan(found.raw) or found.raw * found.change >= 0:
        return False
    apart = abs(expm1(found.raw) - expm1(found.change)) >= max(MATERIAL, limit / 2)
    return apart and max(abs(found.raw), abs(found.change)) > reach


def _known_by(rule: Rule, sight: Sight) -> int | None:
    """Return the day by which the limit should lie outside the interval, if all goes on as it does.

    The planner's formula (step 12) solved for the day; nothing where more cases alone never tell.
    """
    found, away = sight.estimate, abs(sight.gain - (rule.limit or 0.0))
    needed = (away / ((sight.bar + POWER) * SAFETY)) ** 2 / found.deff - found.v_base
    if needed <= 0:
        return None
    day = ceil(found.v * found.days / needed)
    return max(day, found.days + 1) if day < 10 * max(found.days, 100) else None
