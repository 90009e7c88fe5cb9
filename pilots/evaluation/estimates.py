"""What one look says of one scope: the plain reference of steps 0 to 5, in the symbols of the design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, log, nan

from pilots.evaluation.dependence import design_effect, standard_error
from pilots.evaluation.implausible import implausible
from pilots.evaluation.standardising import (
    Standard,
    Sums,
    own_spread,
    pooled_spread,
    shared_out,
    shares,
    standardise,
    sums_by_cell,
)
from pilots.evaluation.windows import Cell, Cells, Sample, Spot, Window

MOST_CELLS = 40
RARE = 0.01  # a cell's share of the baseline up to which it may have few cases
FLAWS = (
    "no_baseline",
    "no_control_baseline",
    "too_many_cells",
    "negative_values",
    "zero_baseline",
    "no_cases",
    "zero_level",
    "not_a_number",
    "zero_variance",
)


@dataclass(frozen=True, slots=True)
class Scale:
    """How cases are compared: `logs` where they are held as log(1 + x), `screened` for implausible days.

    `signed` says that a sum below zero can be right.
    """

    logs: bool = False
    screened: bool = True
    signed: bool = True


PLAIN = Scale()


@dataclass(frozen=True, slots=True)
class Estimate:
    """One scope at one look. Changes are logarithms, variances and `error` (se) are on that scale.

    `level` and `base_level` are in the metric's unit (logarithms stay logarithms). `n` counts the
    mature cases in the baseline's cells; with a control arm, those of the smaller arm count for
    floors (`fewest`). `thinnest` is the cell with the fewest cases among those that matter, with
    its cases. `merged` says that weekends are held together with weekdays, for there are too many
    cells. A number that cannot be had is nan, and `flaw` says why.
    """

    change: float
    raw: float
    v: float
    v_base: float
    deff: float
    error: float
    level: float
    base_level: float
    n: int
    fewest: int
    base_n: int
    days: int
    reading_days: int
    base_days: int
    outside: float
    thinnest: tuple[Cell, int] | None
    aside: tuple[Spot, ...]
    cells: int
    merged: bool = False
    flaw: str | None = None


NO_CASES_EVER = Estimate(
    change=nan,
    raw=nan,
    v=0.0,
    v_base=0.0,
    deff=nan,
    error=nan,
    level=nan,
    base_level=nan,
    n=0,
    fewest=0,
    base_n=0,
    days=0,
    reading_days=0,
    base_days=0,
    outside=0.0,
    thinnest=None,
    aside=(),
    cells=0,
    flaw="no_baseline",
)


@dataclass(frozen=True, slots=True)
class _Arm:
    """One arm's windows with what is set aside left out, added up by cell."""

    before: Window
    after: Window
    before_cells: Cells
    after_cells: Cells
    base: Sums
    cases: Sums
    aside: frozenset[Spot]


def estimate(
    pilot: Sample, control: Sample | None = None, *, scale: Scale = PLAIN, maturity_days: int = 0
) -> Estimate:
    """Compare a pilot with its baseline on the same mix of cases, less what a control arm did meanwhile."""
    merged = len(sums_by_cell(pilot.before.by_cell(merged=False))) > MOST_CELLS
    samples = (pilot,) if control is None else (pilot, control)
    arms = [_arm(sample, scale, maturity_days, merged=merged) for sample in samples]
    weights = shares(arms[0].base)
    live = {c for c in weights if all(c in arm.base and c in arm.cases for arm in arms)}
    w = shared_out(weights, live)
    standards = [_standards(arm, w, scale) for arm in arms]
    before, after = (_difference([pair[side] for pair in standards]) for side in (0, 1))
    days = len(before.residuals) + len(after.residuals)
    has_error = before.variance > 0 and after.variance > 0
    deff = design_effect([before, after]) if has_error else nan
    return Estimate(
        change=_difference_of([_change(pair, scale) for pair in standards]),
        raw=_difference_of([_raw(arm, scale) for arm in arms]),
        v=after.variance,
        v_base=before.variance,
        deff=deff,
        error=standard_error(before.variance + after.variance, deff, days) if has_error else nan,
        level=standards[0][1].level if live else nan,
        base_level=standards[0][0].level if live else nan,
        n=_counted(arms[0], weights),
        fewest=min(_counted(arm, weights) for arm in arms),
        base_n=min(sum(x.n for x in arm.base.values()) for arm in arms),
        days=len(arms[0].after),
        reading_days=min(sum(any(x.n for x in day.values()) for day in arm.after.days) for arm in arms),
        base_days=len(arms[0].before),
        outside=max(_outside(arm) for arm in arms),
        thinnest=_thinnest(arms, weights),
        aside=tuple(sorted({spot for arm in arms for spot in arm.aside})),
        cells=len(weights),
        merged=merged,
        flaw=_flaw(arms, standards, scale, has_error=has_error, live=bool(live)),
    )


def _arm(sample: Sample, scale: Scale, maturity_days: int, *, merged: bool) -> _Arm:
    aside = implausible(sample, logs=scale.logs) if scale.screened else frozenset()
    after = sample.after.without(aside).first(len(sample.after) - maturity_days)
    before_cells, after_cells = sample.before.by_cell(merged=merged), after.by_cell(merged=merged)
    return _Arm(
        before=sample.before,
        after=after,
        before_cells=before_cells,
        after_cells=after_cells,
        base=sums_by_cell(before_cells),
        cases=sums_by_cell(after_cells),
        aside=aside,
    )


def _standards(arm: _Arm, w: Mapping[Cell, float], scale: Scale) -> tuple[Standard, Standard]:
    """Return an arm's baseline and its pilot days on the same weights."""
    own = {c: own_spread(arm.base[c], logs=scale.logs) for c in w}
    pooled = {c: pooled_spread(arm.cases[c], arm.base[c], logs=scale.logs) for c in w}
    return (
        standardise(arm.before_cells, arm.base, w, own, logs=scale.logs),
        standardise(arm.after_cells, arm.cases, w, pooled, logs=scale.logs),
    )


def _difference(arms: Sequence[Standard]) -> Standard:
    """Return one window of the pilot less that of the control: variances add, residuals subtract."""
    if len(arms) == 1:
        return arms[0]
    pilot, control = arms
    known = pilot.variance > 0 and control.variance > 0
    variance = pilot.variance + control.variance if known else 0.0
    paired = zip(pilot.residuals, control.residuals, strict=True)
    return Standard(pilot.level, variance, tuple(p - c for p, c in paired))


def _difference_of(changes: Sequence[float]) -> float:
    return changes[0] - sum(changes[1:])


def _change(pair: tuple[Standard, Standard], scale: Scale) -> float:
    return _log_ratio(pair[1].level, pair[0].level, scale)


def _raw(arm: _Arm, scale: Scale) -> float:
    """Return the change of the plain mean of all cases, whatever their mix."""
    (n, s), (n_B, s_B) = (_everything(window) for window in (arm.after, arm.before))
    return _log_ratio(s / n, s_B / n_B, scale) if n and n_B else nan


def _everything(window: Window) -> tuple[int, float]:
    cases = [x for day in window.days for x in day.values()]
    return sum(x.n for x in cases), sum(x.total for x in cases)


def _log_ratio(level: float, before: float, scale: Scale) -> float:
    if scale.logs:
        return level - before
    return log(level / before) if level > 0 and before > 0 else nan


def _counted(arm: _Arm, weights: Mapping[Cell, float]) -> int:
    return sum(x.n for c, x in arm.cases.items() if c in weights)


def _outside(arm: _Arm) -> float:
    """Return the share of the pilot's cases in segments that had none before."""
    known = {c.segment for c in arm.base}
    n = sum(x.n for x in arm.cases.values())
    return sum(x.n for c, x in arm.cases.items() if c.segment not in known) / n if n else 0.0


def _thinnest(arms: Sequence[_Arm], weights: Mapping[Cell, float]) -> tuple[Cell, int] | None:
    counts = {
        c: min(arm.cases[c].n if c in arm.cases else 0 for arm in arms)
        for c, w in weights.items()
        if w > RARE
    }
    fewest = min(counts, key=lambda c: (counts[c], c), default=None)
    return (fewest, counts[fewest]) if fewest else None


def _flaw(
    arms: Sequence[_Arm],
    standards: Sequence[tuple[Standard, Standard]],
    scale: Scale,
    *,
    has_error: bool,
    live: bool,
) -> str | None:
    """Name the first thing that keeps a look from being judged at all."""
    negative = any(
        x.total < 0 for arm in arms for w in (arm.before, arm.after) for d in w.days for x in d.values()
    )
    found = {
        "no_baseline": not arms[0].base,
        "no_control_baseline": len(arms) > 1 and not arms[1].base,
        "too_many_cells": len(arms[0].base) > MOST_CELLS,
        "negative_values": negative and not scale.signed,
        "no_cases": not live,
        "zero_baseline": not scale.logs
        and (any(map(_was_nothing, arms)) or (live and _is_nothing(standards, 0))),
        "zero_level": not scale.logs and _is_nothing(standards, 1),
        "not_a_number": not all(isfinite(standard.level) for pair in standards for standard in pair),
        "zero_variance": not has_error,
    }
    return next((flaw for flaw in FLAWS if found[flaw]), None)


def _was_nothing(arm: _Arm) -> bool:
    """Say whether all cases before the pilot add up to nothing, whatever came since."""
    return sum(sums.total for sums in arm.base.values()) <= 0


def _is_nothing(standards: Sequence[tuple[Standard, Standard]], side: int) -> bool:
    return any(pair[side].level <= 0 for pair in standards)
