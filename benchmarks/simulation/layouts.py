"""Simulated pilots laid out as the product's arrays: what each look of a pilot knew."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.simulation.readings import BEFORE
from benchmarks.simulation.worlds import BASELINE_DAYS, FIELDS, PILOT_DAYS, SEGMENTS, Cases, Trials
from pilots.evaluation.grids import Grid
from pilots.evaluation.stacks import Floats
from pilots.evaluation.vocabulary import Arm

DAYS = BASELINE_DAYS + PILOT_DAYS


def grids_of(trials: Trials) -> Iterator[Grid]:
    """Yield each trial's cases as they were known at the end of each day of the pilot."""
    days = range(1, PILOT_DAYS + 1)
    arms = {Arm.PILOT: _frames(trials.baseline, [trials.known(day) for day in days])}
    if trials.control and trials.control_baseline:
        arms[Arm.CONTROL] = _frames(trials.control_baseline, [trials.control.days(0, day) for day in days])
    for trial in range(len(trials.baseline.n)):
        yield Grid(BEFORE, SEGMENTS, {arm: frames[trial] for arm, frames in arms.items()})


def _frames(baseline: Cases, known: list[Cases]) -> Floats:
    """Return trial × moment × segment × day × look; what a look does not know is zero."""
    frames = np.zeros((len(baseline.n), len(FIELDS), len(SEGMENTS), DAYS, len(known)))
    frames[:, :, :, :BASELINE_DAYS] = _moments(baseline)[..., None]
    for look, cases in enumerate(known):
        frames[:, :, :, BASELINE_DAYS : BASELINE_DAYS + look + 1, look] = _moments(cases)
    return frames


def _moments(cases: Cases) -> Floats:
    """Turn trial × day × segment into trial × moment × segment × day."""
    return np.stack([getattr(cases, field) for field in FIELDS]).transpose(1, 0, 3, 2)
