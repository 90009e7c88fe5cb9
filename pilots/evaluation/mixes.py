"""What a change of the mix alone does to a metric, and whether that matters (step 9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from pilots.evaluation.bars import bar
from pilots.evaluation.baselines import is_final
from pilots.evaluation.conditions import MIN_SAMPLE, Floor
from pilots.evaluation.days import days_between
from pilots.evaluation.drivers import Impact
from pilots.evaluation.estimates import Estimate
from pilots.evaluation.intervals import MATERIAL
from pilots.evaluation.looks import Look, MetricLook
from pilots.evaluation.sights import fraction, shortfall
from pilots.evaluation.specs import ConditionMemory, DriverSpec, MetricSpec
from pilots.evaluation.vocabulary import Comparison, ConditionKind, Episode, MetricKind

ALPHA = 0.025  # a side
FLOOR = Floor(days=7, sample=MIN_SAMPLE)


def assess_mix(look: Look, driver: DriverSpec, memory: ConditionMemory | None) -> Impact | None:
    """Say what the mix of a driver's dimension does to the metric it moves most, against what matters.

    A move that was proven stays until a review answers it; the answer's mix is the new anchor.
    """
    first_look = look.first_day + timedelta(days=FLOOR.days - 1)
    if look.day < first_look:
        return None
    origin = f"{look.first_day} {driver.answered_on or ''}"
    held = memory if memory and memory.origin == origin else None
    looks = [look.day] if held else days_between(first_look, look.day)
    first_variances = dict(held.first_variances) if held else {}
    found = [
        impact
        for metric in look.metrics.values()
        if _is_comparable(metric)
        for impact in [_impact(look, driver, metric, looks, first_variances)]
        if impact is not None
    ]
    if not found:
        return None
    loudest = max(found, key=lambda impact: (impact.moved_on is not None, abs(impact.change) / impact.limit))
    moved_on = unanswered_move(driver, memory) or loudest.moved_on
    episode = Episode.FIRING if moved_on else Episode.CLEAR
    kept = ConditionMemory(episode, moved_on, origin=origin, first_variances=first_variances)
    return replace(loudest, moved_on=moved_on, memory=kept)


def unanswered_move(driver: DriverSpec, memory: ConditionMemory | None) -> date | None:
    """Return the day from which a driver is remembered as moved, if no review has answered since."""
    if memory is None or memory.since is None:
        return None
    return memory.since if driver.answered_on is None or driver.answered_on < memory.since else None


def _is_comparable(metric: MetricLook) -> bool:
    return metric.spec.kind is not MetricKind.TOTAL and is_final(metric.spec.baseline)


def _impact(
    look: Look,
    driver: DriverSpec,
    metric: MetricLook,
    looks: Sequence[date],
    first_variances: dict[str, float],
) -> Impact | None:
    """Judge the newest look, and find the first at which the move was proven to matter."""
    limit = _material_change(look, driver, metric)
    moved_on, newest = None, None
    for day, found in zip(looks, look.mix_estimates(metric, driver, looks), strict=True):
        newest = judge_mix(metric.spec, found, limit, first_variances)
        if newest and newest.is_material and moved_on is None:
            moved_on = day
    return replace(newest, moved_on=moved_on) if newest else None


def judge_mix(
    metric: MetricSpec, found: Estimate, limit: float, first_variances: dict[str, float]
) -> Impact | None:
    """Say what one look proves of a mix; a first look adds its variance to `first_variances`."""
    if shortfall(found, FLOOR, cadence_days=metric.cadence_days, blocked=None):
        return None
    first = first_variances.setdefault(metric.ref, found.v)
    reach = bar(ALPHA, 1 + first / found.v_base) * found.error
    change, low, high = (fraction(found.change + side * reach) for side in (0, -1, 1))
    if change is None or low is None or high is None:
        return None
    return Impact(metric.ref, metric.name, change, low, high, limit)


def _material_change(look: Look, driver: DriverSpec, metric: MetricLook) -> float:
    """Return from where a move matters: the driver's own limit, or half of what is asked of the metric."""
    if driver.material_change is not None:
        return driver.material_change
    asked = [
        condition.limit
        for condition in look.pilot.conditions
        if condition.metric == metric.spec.ref
        and condition.kind is ConditionKind.THRESHOLD
        and condition.comparison is Comparison.IMPROVE_BY
        and condition.limit is not None
        and not condition.spans_a_gap
    ]
    return max(MATERIAL, min(asked, default=0.0) / 2)
