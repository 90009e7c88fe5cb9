"""Simulated pilots laid out as the product's arrays: every look of every trial in one batch."""

from __future__ import annotations

import numpy as np

from benchmarks.simulation.worlds import BASELINE_DAYS, FIELDS, PILOT_DAYS, Cases, Trials, is_weekend
from pilots.evaluation.estimates import Scale
from pilots.evaluation.stacks import Batch, Floats, Stack

LOOKS = np.arange(1, PILOT_DAYS + 1)


def every_look(trials: Trials, *, scale: Scale, maturity_days: int) -> Batch:
    """Return the looks of all trials, those of one trial beside each other."""
    known = [trials.known(int(day)) for day in LOOKS]
    control = None
    if trials.control and trials.control_baseline:
        so_far = [trials.control.days(0, int(day)) for day in LOOKS]
        control = Stack(_before(trials.control_baseline), _after(so_far))
    weekend = is_weekend()[:, None]
    return Batch(
        pilot=Stack(_before(trials.baseline), _after(known)),
        control=control,
        before_weekend=weekend[:BASELINE_DAYS],
        after_weekend=weekend[BASELINE_DAYS:],
        before_days=np.array([BASELINE_DAYS]),
        look_days=np.tile(LOOKS, len(trials.baseline.n)),
        maturity_days=maturity_days,
        scale=scale,
    )


def _before(cases: Cases) -> Floats:
    return np.repeat(_moments(cases), PILOT_DAYS, axis=3)


def _after(known: list[Cases]) -> Floats:
    """Lay out what each look knows; the days after it hold zeros."""
    trials, _, segments = known[0].n.shape
    after = np.zeros((len(FIELDS), segments, PILOT_DAYS, trials, len(known)))
    for look, cases in enumerate(known):
        after[:, :, : look + 1, :, look] = _moments(cases)
    return after.reshape(*after.shape[:3], -1)


def _moments(cases: Cases) -> Floats:
    """Turn trial × day × segment into moment × segment × day × trial."""
    return np.stack([getattr(cases, field) for field in FIELDS]).transpose(0, 3, 2, 1)
