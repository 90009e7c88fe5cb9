"""A metric as the mix alone would make it: each case with what its category had before (step 9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from pilots.evaluation.arithmetic import over_cells, over_days, ratio
from pilots.evaluation.drivers import anchor_of
from pilots.evaluation.estimates import NO_CASES_EVER, Estimate
from pilots.evaluation.grids import Grid, Span, estimate_looks
from pilots.evaluation.scopes import categories, contains
from pilots.evaluation.specs import DriverSpec
from pilots.evaluation.vocabulary import Arm

MIX = ("mix",)


def mix_key(driver: DriverSpec) -> str:
    return f"mix of {driver.ref}"


def estimate_mix(
    grid: Grid,
    span: Span,
    driver: DriverSpec,
    dimensions: Mapping[str, tuple[str, ...]],
    looks: Sequence[date],
) -> list[Estimate]:
    """Estimate, at each look, the change that the mix of a driver's dimension alone would make.

    How its days hang together is learnt from the baseline alone: a mix that shifts or drifts within
    the pilot looks like days that depend on each other, and would hide itself.
    """
    if not categories(driver.dimension, dimensions) or not grid.segments:
        return [NO_CASES_EVER for _ in looks]
    anchored = _anchored(span, driver, grid.first_day)
    if max(looks, default=date.min) < anchored.first_day:  # no day since the answer
        return [NO_CASES_EVER for _ in looks]
    with np.errstate(all="ignore"):
        mixed = _mix_grid(grid, span, driver, dimensions)
    alone = replace(anchored, scale=replace(span.scale, screened=False, signed=True), settled_spread=True)
    return estimate_looks(mixed, alone, looks, MIX)


def _mix_grid(grid: Grid, span: Span, driver: DriverSpec, dimensions: Mapping[str, tuple[str, ...]]) -> Grid:
    scopes = categories(driver.dimension, dimensions)
    places = [
        [place for place, segment in enumerate(grid.segments) if contains(scope, segment, dimensions)]
        for scope in scopes
    ]
    cases = grid.arms[Arm.PILOT][:2]
    by_category = np.stack([cases[:, place].sum(axis=1) for place in places], axis=1)
    window = slice(grid.place(span.baseline.first_day), grid.place(span.baseline.last_day) + 1)
    N, S = over_days(np.ascontiguousarray(by_category[:, :, window]))
    m = ratio(S, N)[:, None, :]
    n = by_category[0] * (N > 0)[:, None, :]
    moments = np.stack([over_cells(n), over_cells(n * m), over_cells(n * m**2)])
    return Grid(grid.first_day, MIX, {Arm.PILOT: moments[:, None]})


def _anchored(span: Span, driver: DriverSpec, earliest: date) -> Span:
    """Return the span that starts over on the day after a review found the mix still valid."""
    anchor = anchor_of(driver, earliest=earliest)
    if anchor is None:
        return span
    since, answer = anchor
    baseline = replace(span.baseline, first_day=since, last_day=answer)
    return replace(span, baseline=baseline, first_day=max(span.first_day, answer + timedelta(days=1)))
