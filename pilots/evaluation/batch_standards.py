"""Steps 1 to 3 and 14 for many looks at once; what each line means stands in the plain reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pilots.evaluation.arithmetic import masked, median_of_days, over_cells, over_days, ratio
from pilots.evaluation.estimates import MOST_CELLS
from pilots.evaluation.implausible import FURTHEST_AT_LEAST, FURTHEST_SPREADS
from pilots.evaluation.stacks import AccountCases, Batch, Flags, Floats, Ints, Stack


@dataclass(frozen=True, slots=True)
class Sums:
    """One window by cell (first axis, 2 · segment + weekend): each day's n and s, the window's N, S and Q."""

    n: Floats
    s: Floats
    N: Floats
    S: Floats
    Q: Floats

    @property
    def m(self) -> Floats:
        return ratio(self.S, self.N)


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm with what is set aside left out; flags are segment × day × look."""

    stack: Stack
    before: Sums
    after: Sums
    kept: Flags
    aside: Flags


@dataclass(frozen=True, slots=True)
class Standard:
    level: Floats
    v: Floats
    r: Floats  # day × look
    days: Ints


Weekends = tuple[Flags, Flags]  # of the baseline, of the days since


def weekends_of(batch: Batch) -> Weekends:
    """Return which days lie at a weekend; for looks with too many cells none does."""
    if 2 * batch.pilot.before.shape[1] <= MOST_CELLS:
        return batch.before_weekend, batch.after_weekend
    split = ~are_merged(batch)
    return batch.before_weekend & split, batch.after_weekend & split


def are_merged(batch: Batch) -> Flags:
    """Return which looks hold weekends together with weekdays, for they have too many cells."""
    N = over_days(_by_cell(batch.pilot.before[0], batch.before_weekend))
    merged: Flags = (N > 0).sum(axis=0) > MOST_CELLS
    return merged


def arm_of(stack: Stack, batch: Batch, weekends: Weekends) -> Arm:
    number = np.arange(stack.after.shape[2])[:, None]
    aside = np.zeros((*stack.after.shape[1:3], len(batch.look_days)), dtype=bool)
    if batch.scale.screened:
        aside = implausible(stack, logs=batch.scale.logs) & (number < batch.look_days)
    kept = (number < batch.used_days) & ~aside
    return Arm(
        stack=stack,
        before=_sums(stack.before, weekends[0]),
        after=_sums(masked(stack.after, kept), weekends[1]),
        kept=kept,
        aside=aside,
    )


def implausible(stack: Stack, *, logs: bool) -> Flags:
    level = _log_level(stack.before, logs=logs)
    usual = median_of_days(level)
    furthest = np.maximum(FURTHEST_SPREADS * median_of_days(np.abs(level - usual)), FURTHEST_AT_LEAST)
    off = np.abs(_log_level(stack.after, logs=logs) - usual) > furthest
    found: Flags = (stack.after[0] > 0) & ((stack.after[1] <= 0) | off)
    return found


def _log_level(moments: Floats, *, logs: bool) -> Floats:
    n, s = moments[0], moments[1]
    mean = np.where((n > 0) & (s > 0), ratio(s, n), np.nan)
    return mean if logs else np.log(mean)


def _sums(moments: Floats, weekend: Flags) -> Sums:
    n, s, q = (_by_cell(moment, weekend) for moment in moments)
    return Sums(n, s, over_days(n), over_days(s), over_days(q))


def _by_cell(x: Floats, weekend: Flags) -> Floats:
    parts = [masked(x, ~weekend), masked(x, weekend)]
    return np.stack(parts, axis=1).reshape(-1, *parts[0].shape[1:])


def standards_of(arm: Arm, w: Floats, batch: Batch, weekends: Weekends) -> tuple[Standard, Standard]:
    """Return an arm's baseline and its pilot days on the same weights."""
    logs, stack = batch.scale.logs, arm.stack
    base, own = _own_spread(arm.before, logs=logs), _own_spread(arm.after, logs=logs)
    N, N_B = arm.after.N, arm.before.N
    pooled = np.maximum(own, ratio(N * own + N_B * base, N + N_B))
    known = np.ones(stack.before.shape[1:], dtype=bool)
    before = None if stack.accounts_before is None else _placed(stack.accounts_before, known, weekends[0])
    after = None if stack.accounts_after is None else _placed(stack.accounts_after, arm.kept, weekends[1])
    return (
        _standard(arm.before, w, base, batch.before_days, before, logs=logs),
        _standard(arm.after, w, pooled, batch.used_days, after, logs=logs),
    )


def _own_spread(sums: Sums, *, logs: bool) -> Floats:
    m = sums.m
    variance = np.maximum(sums.Q - sums.N * m**2, 0.0) / np.maximum(sums.N - 1, 1)
    return variance if logs else ratio(variance, m**2)


def _standard(
    sums: Sums, w: Floats, spread: Floats, days: Ints, accounts: Placed | None, *, logs: bool
) -> Standard:
    m = sums.m
    level = over_cells(w * m)
    scale = np.ones_like(level) if logs else np.where(level > 0, level, np.inf)
    a = ratio(w, sums.N) / scale
    squares = w**2 * spread if logs else w**2 * spread * m**2
    v = over_cells(ratio(squares, sums.N)) / scale**2
    r = over_cells(a[:, None, :] * (sums.s - sums.n * m[:, None, :]))
    if accounts is not None:
        v = np.maximum(v, _clustered_variance(accounts, a, np.broadcast_to(m, a.shape)))
    return Standard(level, v, r, np.broadcast_to(days, level.shape))


@dataclass(frozen=True, slots=True)
class Placed:
    """Cases by account, and the cell each lies in."""

    cases: AccountCases
    cell: Ints


def _placed(cases: AccountCases, kept: Flags, weekend: Flags) -> Placed:
    look = cases.look % kept.shape[-1]  # an axis of one is shared by all looks
    left = cases.only(kept[cases.segment, cases.day, look])
    return Placed(left, 2 * left.segment + weekend[left.day, left.look % weekend.shape[-1]])


def _clustered_variance(placed: Placed, a: Floats, m: Floats) -> Floats:
    cases, looks = placed.cases, a.shape[1]
    if not len(cases.look):
        return np.zeros(looks)
    part = a[placed.cell, cases.look] * (cases.total - cases.n * m[placed.cell, cases.look])
    place = cases.account * looks + cases.look
    size = (int(cases.account.max()) + 1) * looks
    by_account = np.bincount(place, part, minlength=size).astype(np.float64).reshape(-1, looks)
    A: Ints = (np.bincount(place, minlength=size).reshape(-1, looks) > 0).sum(axis=0)
    return np.where(A > 1, ratio(A, A - 1), 0.0) * over_days(by_account**2)


def difference(arms: Sequence[Standard]) -> Standard:
    if len(arms) == 1:
        return arms[0]
    pilot, control = arms
    v = np.where((pilot.v > 0) & (control.v > 0), pilot.v + control.v, 0.0)
    return Standard(pilot.level, v, pilot.r - control.r, pilot.days)
