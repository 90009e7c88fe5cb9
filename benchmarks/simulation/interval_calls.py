"""The product's interval method on simulated pilots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

import numpy as np

from benchmarks.simulation.layouts import every_look
from benchmarks.simulation.plain_thresholds import Calls
from benchmarks.simulation.readings import START, described
from benchmarks.simulation.scenarios import Scenario
from benchmarks.simulation.worlds import PILOT_DAYS, SEGMENTS, Trials
from pilots.evaluation.batches import estimate_all
from pilots.evaluation.conditions import Judged
from pilots.evaluation.estimates import PLAIN, Estimate
from pilots.evaluation.grids import SCALES, estimates_of
from pilots.evaluation.intervals import Glance, judge_look
from pilots.evaluation.rules import Rule, rule_of
from pilots.evaluation.specs import OVERALL
from pilots.evaluation.vocabulary import Truth


def interval_calls(
    trials: Trials, scenario: Scenario, *, improve_by: float, worsen_by: float
) -> tuple[Calls, Calls, Calls]:
    """Return the days of scale-up, of stop, and of a mix that moved."""
    pilot = described(
        scenario.world, improve_by=improve_by, worsen_by=worsen_by, maturity_days=scenario.maturity_days
    )
    metric = pilot.metrics[0]
    batch = every_look(trials, scale=SCALES.get(metric.kind, PLAIN), maturity_days=metric.maturity_days)
    estimates = estimates_of(estimate_all(batch), SEGMENTS, first_day=START)
    rules = [rule_of(condition, OVERALL, metric, pilot) for condition in pilot.conditions]
    scale_up, stop, moved = np.zeros((3, len(trials.baseline.n), PILOT_DAYS + 1), dtype=bool)
    for trial in range(len(scale_up)):
        looks = estimates[trial * PILOT_DAYS : (trial + 1) * PILOT_DAYS]
        better, worse = (list(_judged(rule, looks)) for rule in rules)
        scale_up[trial, 1:] = [_scales_up(*pair) for pair in zip(better, worse, strict=True)]
        stop[trial, 1:] = [judged.truth is Truth.TRUE for judged in worse]
    return scale_up, stop, moved


def _judged(rule: Rule, looks: Sequence[Estimate]) -> Iterator[Judged]:
    first_variances: dict[str, float] = {}
    for number, found in enumerate(looks):
        looked_on = START + timedelta(days=number)
        newest = looked_on - timedelta(days=rule.metric.maturity_days)
        yield judge_look(rule, Glance(newest, looked_on, is_reading=True), [found], first_variances)


def _scales_up(better: Judged, worse: Judged) -> bool:
    is_held = better.interval is not None and bool(better.interval.held_by)
    return better.truth is Truth.TRUE and worse.truth is Truth.FALSE and not is_held
