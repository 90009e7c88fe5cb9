"""Many looks judged at once with numpy: the same numbers as the plain reference in `estimates`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pilots.evaluation.arithmetic import masked, over_cells, over_days, ratio
from pilots.evaluation.batch_dependence import design_effect, standard_error
from pilots.evaluation.batch_standards import (
    Arm,
    Standard,
    are_merged,
    arm_of,
    difference,
    standards_of,
    weekends_of,
)
from pilots.evaluation.estimates import FLAWS, MOST_CELLS, RARE, Scale
from pilots.evaluation.stacks import Batch, Flags, Floats, Ints

Pair = tuple[Standard, Standard]


@dataclass(frozen=True, slots=True)
class Columns:
    """The fields of `Estimate`, one number a look; a cell is 2 · segment + weekend, -1 for none."""

    change: Floats
    raw: Floats
    v: Floats
    v_base: Floats
    deff: Floats
    error: Floats
    level: Floats
    base_level: Floats
    n: Floats
    fewest: Floats
    base_n: Floats
    days: Ints
    reading_days: Ints
    base_days: Ints
    outside: Floats
    thin_cell: Ints
    thin_n: Floats
    aside: Flags  # segment × day × look
    cells: Ints
    merged: Flags
    flaw: Ints  # position in FLAWS; their number for none


def estimate_all(batch: Batch) -> Columns:
    """Take steps 0 to 5 for every look of a batch."""
    with np.errstate(all="ignore"):  # what cannot be had is nan, and its flaw is named
        return _estimate_all(batch)


def _estimate_all(batch: Batch) -> Columns:
    logs, weekends, looks = batch.scale.logs, weekends_of(batch), len(batch.look_days)
    arms = [arm_of(stack, batch, weekends) for stack in batch.arms]
    weights = ratio(arms[0].before.N, over_cells(arms[0].before.N))
    live = np.logical_and.reduce([(arm.before.N > 0) & (arm.after.N > 0) for arm in arms])
    w = ratio(weights * live, over_cells(weights * live))
    pairs = [standards_of(arm, w, batch, weekends) for arm in arms]
    before, after = (difference([pair[side] for pair in pairs]) for side in (0, 1))
    known = (before.v > 0) & (after.v > 0)
    learnt_from = [before] if batch.settled_spread else [before, after]
    deff = np.where(known, design_effect(learnt_from), np.nan)
    error = standard_error(before.v + after.v, deff, np.sum([W.days for W in learnt_from], axis=0))
    counted = [over_cells(arm.after.N * (weights > 0)) for arm in arms]
    thin_cell, thin_n = _thinnest(arms, weights)
    return Columns(
        change=_less([_log_ratio(pair[1].level, pair[0].level, logs=logs) for pair in pairs]),
        raw=_less([_raw(arm, logs=logs) for arm in arms]),
        v=after.v,
        v_base=before.v,
        deff=deff,
        error=np.where(known, error, np.nan),
        level=np.where(live.any(axis=0), pairs[0][1].level, np.nan),
        base_level=np.where(live.any(axis=0), pairs[0][0].level, np.nan),
        n=counted[0],
        fewest=np.minimum.reduce(counted),
        base_n=_wide(np.minimum.reduce([over_cells(arm.before.N) for arm in arms]), looks),
        days=batch.used_days,
        reading_days=np.minimum.reduce([_reading_days(arm) for arm in arms]),
        base_days=_wide(batch.before_days, looks),
        outside=np.maximum.reduce([_outside(arm) for arm in arms]),
        thin_cell=thin_cell,
        thin_n=thin_n,
        aside=np.logical_or.reduce([arm.aside for arm in arms]),
        cells=_wide((weights > 0).sum(axis=0), looks),
        merged=_wide(are_merged(batch), looks),
        flaw=_flaws(arms, pairs, live, known, batch.scale),
    )


def _raw(arm: Arm, *, logs: bool) -> Floats:
    now, before = _mean_of_all(masked(arm.stack.after[:2], arm.kept)), _mean_of_all(arm.stack.before[:2])
    return _log_ratio(now, before, logs=logs)


def _mean_of_all(moments: Floats) -> Floats:
    n, s = over_cells(over_days(moments).swapaxes(0, 1))
    return np.where(n > 0, ratio(s, n), np.nan)


def _log_ratio(level: Floats, before: Floats, *, logs: bool) -> Floats:
    if logs:
        return level - before
    return np.where((level > 0) & (before > 0), np.log(ratio(level, before)), np.nan)


def _less(changes: Sequence[Floats]) -> Floats:
    return changes[0] - changes[1] if len(changes) > 1 else changes[0]


def _reading_days(arm: Arm) -> Ints:
    days: Ints = ((arm.stack.after[0] > 0) & arm.kept).any(axis=0).sum(axis=0)
    return days


def _outside(arm: Arm) -> Floats:
    N_B, N = arm.before.N, arm.after.N
    known = np.repeat((N_B[::2] > 0) | (N_B[1::2] > 0), 2, axis=0)
    return ratio(over_cells(N * ~known), over_cells(N))


def _thinnest(arms: Sequence[Arm], weights: Floats) -> tuple[Ints, Floats]:
    fewest = np.where(weights > RARE, np.minimum.reduce([arm.after.N for arm in arms]), np.inf)
    cell = fewest.argmin(axis=0)
    n = fewest[cell, np.arange(fewest.shape[1])]
    return np.where(np.isfinite(n), cell, -1), n


def _flaws(arms: Sequence[Arm], pairs: Sequence[Pair], live: Flags, known: Flags, scale: Scale) -> Ints:
    N_B = [arm.before.N for arm in arms]
    none = np.zeros(1, dtype=bool)
    not_above = [
        none if scale.logs else np.logical_or.reduce([pair[side].level <= 0 for pair in pairs])
        for side in (0, 1)
    ]
    was_nothing = np.logical_or.reduce([over_cells(arm.before.S) <= 0 for arm in arms])
    found = {
        "no_baseline": (N_B[0] == 0).all(axis=0),
        "no_control_baseline": (N_B[-1] == 0).all(axis=0),
        "too_many_cells": (N_B[0] > 0).sum(axis=0) > MOST_CELLS,
        "negative_values": none if scale.signed else np.logical_or.reduce(list(map(_is_negative, arms))),
        "no_cases": ~live.any(axis=0),
        "zero_baseline": none if scale.logs else was_nothing | (live.any(axis=0) & not_above[0]),
        "zero_level": not_above[1],
        "not_a_number": ~np.logical_and.reduce([np.isfinite(half.level) for pair in pairs for half in pair]),
        "zero_variance": ~known,
        "": np.ones(len(known), dtype=bool),
    }
    flags = np.broadcast_arrays(*(found[flaw] for flaw in (*FLAWS, "")))
    first: Ints = np.array(flags).argmax(axis=0)
    return first


def _is_negative(arm: Arm) -> Flags:
    before = (arm.stack.before[1] < 0).any(axis=(0, 1))
    after = (masked(arm.stack.after[1], arm.kept) < 0).any(axis=(0, 1))
    either: Flags = np.logical_or(before, after)
    return either


def _wide(x: NDArray[Any], looks: int) -> NDArray[Any]:
    return np.broadcast_to(x, looks)
