"""The gap between the parts of a rule, such as tiers: the fairness guardrail (step 11)."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

from pilots.evaluation.conditions import Judged, Measure
from pilots.evaluation.results import Interval
from pilots.evaluation.rules import Rule
from pilots.evaluation.sights import Glance, Sight, fraction, held_by, reaches, thinnest_group
from pilots.evaluation.vocabulary import Truth


def judge_gap(rule: Rule, glance: Glance, sights: Sequence[Sight]) -> Judged:
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
    return high < limit if rule.asks_for_better else low > 0 and reaches(width, limit)


def _gap_interval(
    rule: Rule, glance: Glance, sights: Sequence[Sight], low: float, high: float, *, known: bool
) -> Interval:
    held = {spot for s in sights for spot in held_by(rule, glance, s.estimate)}
    thin = [t for s in sights if (t := thinnest_group(s.estimate))]
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
