"""The product's interval method on simulated pilots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

import numpy as np

from benchmarks.simulation.layouts import grids_of
from benchmarks.simulation.plain_thresholds import Calls
from benchmarks.simulation.readings import START, described
from benchmarks.simulation.scenarios import Scenario
from benchmarks.simulation.worlds import PILOT_DAYS, SEGMENTS, Trials
from pilots.evaluation.conditions import Judged
from pilots.evaluation.estimates import Estimate
from pilots.evaluation.grids import Grid, Span, estimate_looks, span_of
from pilots.evaluation.intervals import MATERIAL, judge_look
from pilots.evaluation.mix_grids import estimate_mix
from pilots.evaluation.mixes import judge_mix
from pilots.evaluation.rules import Rule, rule_of
from pilots.evaluation.sights import Glance
from pilots.evaluation.specs import OVERALL, PilotSpec
from pilots.evaluation.vocabulary import Truth

LOOKS = [START + timedelta(days=number) for number in range(PILOT_DAYS)]


def interval_calls(
    trials: Trials, scenario: Scenario, *, improve_by: float, worsen_by: float
) -> tuple[Calls, Calls, Calls]:
    """Return the days of scale-up, of stop, and of a mix that moved."""
    pilot = described(
        scenario.world, improve_by=improve_by, worsen_by=worsen_by, maturity_days=scenario.maturity_days
    )
    metric = pilot.metrics[0]
    assert metric.baseline
    span = span_of(metric, metric.baseline, first_day=START)
    scale_up, stop, moved = np.zeros((3, len(trials.baseline.n), PILOT_DAYS + 1), dtype=bool)
    for trial, grid in enumerate(grids_of(trials)):
        better, worse = _conditions(pilot, grid, span)
        scale_up[trial, 1:] = [_scales_up(*pair) for pair in zip(better, worse, strict=True)]
        stop[trial, 1:] = [judged.truth is Truth.TRUE for judged in worse]
        moved[trial, 1:] = list(_moves(pilot, grid, span, limit=max(MATERIAL, improve_by / 2)))
    return scale_up, stop, moved


def _conditions(pilot: PilotSpec, grid: Grid, span: Span) -> list[list[Judged]]:
    estimates = estimate_looks(grid, span, LOOKS, SEGMENTS)
    rules = (rule_of(condition, OVERALL, pilot.metrics[0], pilot) for condition in pilot.conditions)
    return [list(_judged(rule, estimates)) for rule in rules]


def _judged(rule: Rule, estimates: Sequence[Estimate]) -> Iterator[Judged]:
    first_variances: dict[str, float] = {}
    for looked_on, found in zip(LOOKS, estimates, strict=True):
        newest = looked_on - timedelta(days=rule.metric.maturity_days)
        yield judge_look(rule, Glance(newest, looked_on, is_reading=True), [found], first_variances)


def _scales_up(better: Judged, worse: Judged) -> bool:
    is_held = better.interval is not None and bool(better.interval.held_by)
    return better.truth is Truth.TRUE and worse.truth is Truth.FALSE and not is_held


def _moves(pilot: PilotSpec, grid: Grid, span: Span, *, limit: float) -> Iterator[bool]:
    first_variances: dict[str, float] = {}
    for found in estimate_mix(grid, span, pilot.drivers[0], pilot.dimensions, LOOKS):
        impact = judge_mix(pilot.metrics[0], found, limit, first_variances)
        yield impact is not None and impact.is_material
