"""The interval method at one look: what is proven on the same mix, and what is not (steps 6 and 7)."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, isfinite, isnan

from pilots.evaluation.conditions import Judged, Measure
from pilots.evaluation.dependence import SAFETY
from pilots.evaluation.estimates import Estimate
from pilots.evaluation.gaps import judge_gap
from pilots.evaluation.results import Interval
from pilots.evaluation.rules import Rule
from pilots.evaluation.sights import Glance, Sight, fraction, held_by, reaches, sight_of, thinnest_group
from pilots.evaluation.vocabulary import MetricKind, Truth

POWER = 0.84  # the normal quantile of 80 %
MATERIAL = 0.02


def judge_look(
    rule: Rule, glance: Glance, estimates: Sequence[Estimate], first_variances: dict[str, float]
) -> Judged:
    """Answer a rule at one look, from one estimate for each part.

    A first look adds its variance to `first_variances`, which no later look changes.
    """
    pairs = zip(rule.parts, estimates, strict=True)
    sights = [sight_of(rule, part, found, glance, first_variances) for part, found in pairs]
    if rule.condition.spans_a_gap:
        return judge_gap(rule, glance, [s for s in sights if s.estimate.n or s.estimate.base_n])
    return _judge_one(rule, glance, sights[0])


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
    return sight.high < 0 and reaches(-sight.gain, limit)


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
        held_by=held_by(rule, glance, found),
        worse=known and sight.high < 0,
        better=known and sight.low > 0,
        settled=known and abs(sight.gain - (limit if rule.asks_for_better else -limit)) > reach,
        known_by=_known_by(rule, sight) if known and rule.asks_for_better else None,
        thin=thinnest_group(found),
        controlled=glance.controlled,
        misleads=known and _misleads(found, reach, limit),
        merged=found.merged,
    )


def _misleads(found: Estimate, reach: float, limit: float) -> bool:
    """Say whether the raw number points the other way, far enough to matter, and one of the two is proven."""
    if isnan(found.raw) or found.raw * found.change >= 0:
        return False
    raw, change = fraction(found.raw), fraction(found.change)
    apart = raw is None or change is None or abs(raw - change) >= max(MATERIAL, limit / 2)
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
