"""A simulated pilot as the product is given one: its description and the revisions of its readings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import numpy as np

from benchmarks.simulation.worlds import BASELINE_DAYS, PILOT_DAYS, SEGMENTS, Cases, Trials, World
from pilots.evaluation.days import end_of_day
from pilots.evaluation.moments import Moments
from pilots.evaluation.specs import (
    BaselineSpec,
    ConditionSpec,
    DriverSpec,
    MetricSpec,
    PilotSpec,
    Reading,
)
from pilots.evaluation.vocabulary import Arm, Comparison, ConditionKind, Method, MetricKind

START = date(2026, 3, 2)  # a Monday
BEFORE = START - timedelta(days=BASELINE_DAYS)
END = START + timedelta(days=PILOT_DAYS - 1)


def described(world: World, *, improve_by: float, worsen_by: float, maturity_days: int = 0) -> PilotSpec:
    """Describe a pilot that scales up and stops on one metric; its mix is watched and blocks nothing."""
    baseline = BaselineSpec(
        version=1,
        first_day=BEFORE,
        last_day=START - timedelta(days=1),
        finalised_at=datetime.combine(START, datetime.min.time(), UTC),
    )
    metric = MetricSpec(
        ref="level",
        name="Level",
        kind=MetricKind.RATE if world.kind == "rate" else MetricKind.MEAN,
        maturity_days=maturity_days,
        baseline=baseline,
    )
    return PilotSpec(
        ref="simulated",
        title="Simulated",
        timezone="UTC",
        start=START,
        end=END,
        metrics=(metric,),
        conditions=(
            _rule("T1", ConditionKind.THRESHOLD, Comparison.IMPROVE_BY, improve_by),
            _rule("S1", ConditionKind.STOP_CONDITION, Comparison.WORSEN_BY, worsen_by),
        ),
        drivers=(DriverSpec(ref="D1", name="Mix", dimension="size", required=False),),
        dimensions={"size": SEGMENTS},
    )


def _rule(ref: str, kind: ConditionKind, comparison: Comparison, limit: float) -> ConditionSpec:
    return ConditionSpec(
        ref=ref, kind=kind, comparison=comparison, limit=limit, metric="level", method=Method.INTERVAL
    )


def revisions(trials: Trials, trial: int) -> list[Reading]:
    """Return what is learnt of one trial: each day at its end, and again whenever more of it is known."""
    known = list(_settled(trials.baseline, trial, BEFORE, Arm.PILOT))
    before: Cases | None = None
    for lag, cases in enumerate(trials.arrivals):
        known += _new(cases, before, trial, lag=lag)
        before = cases
    if trials.control and trials.control_baseline:
        known += _settled(trials.control_baseline, trial, BEFORE, Arm.CONTROL)
        known += _settled(trials.control, trial, START, Arm.CONTROL)
    return known


def _settled(cases: Cases, trial: int, first: date, arm: Arm) -> Iterator[Reading]:
    for day, segment in np.argwhere(cases.n[trial] > 0):
        yield _reading(cases, (trial, day, segment), first + timedelta(days=int(day)), arm=arm)


def _new(cases: Cases, before: Cases | None, trial: int, *, lag: int) -> Iterator[Reading]:
    """Yield the day-segments of which more is known `lag` days after than the day before."""
    grown = cases.n[trial] > (before.n[trial] if before else 0)
    for day, segment in np.argwhere(grown):
        yield _reading(cases, (trial, day, segment), START + timedelta(days=int(day)), lag=lag)


def _reading(
    cases: Cases, at: tuple[int, int, int], day: date, *, lag: int = 0, arm: Arm = Arm.PILOT
) -> Reading:
    return Reading(
        metric="level",
        day=day,
        segment=SEGMENTS[at[2]],
        moments=Moments(int(cases.n[at]), float(cases.total[at]), float(cases.total_sq[at])),
        as_of=end_of_day(day + timedelta(days=lag), "UTC"),
        arm=arm,
    )
