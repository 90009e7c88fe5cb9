"""Many looks at once say what the plain reference says of each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilots.evaluation.batches import Columns, estimate_all
from pilots.evaluation.estimates import FLAWS, PLAIN, Estimate, Scale, estimate
from pilots.evaluation.moments import Moments
from pilots.evaluation.stacks import AccountCases, Batch, Stack
from pilots.evaluation.windows import Cell, Sample, Spot, Window

MONDAY = date(2026, 1, 5)
NUMBERS = ("change", "raw", "v", "v_base", "deff", "error", "level", "base_level", "outside")
COUNTS = ("n", "fewest", "base_n", "days", "reading_days", "base_days", "cells")


def stack_of(samples: Sequence[Sample], segments: Sequence[str]) -> Stack:
    before, after = ([getattr(sample, side) for sample in samples] for side in ("before", "after"))
    return Stack(
        padded(before, segments),
        padded(after, segments),
        by_account(before, segments),
        by_account(after, segments),
    )


def padded(windows: Sequence[Window], segments: Sequence[str]) -> np.ndarray:
    array = np.zeros((3, len(segments), max(map(len, windows)), len(windows)))
    for item, window in enumerate(windows):
        for number, day in enumerate(window.days):
            for segment, x in day.items():
                array[:, segments.index(segment), number, item] = (x.n, x.total, x.total_sq)
    return array


def by_account(windows: Sequence[Window], segments: Sequence[str]) -> AccountCases | None:
    if not any(window.accounts for window in windows):
        return None
    rows = [
        (item, number, segments.index(segment), ord(account), x.n, x.total)
        for item, window in enumerate(windows)
        for number, held in enumerate(window.accounts)
        for segment, accounts in held.items()
        for account, x in accounts.items()
    ]
    look, day, segment, account, n, total = np.array(rows, dtype=float).reshape(-1, 6).T
    places = (column.astype(int) for column in (look, day, segment, account))
    look, day, segment, account = places
    return AccountCases(look, day, segment, account, n, total)


def weekends(windows: Sequence[Window], length: int) -> np.ndarray:
    numbers = np.array([window.first_day.weekday() for window in windows]) + np.arange(length)[:, None]
    return numbers % 7 >= 5


def batch_of(
    samples: Sequence[Sample], controls: Sequence[Sample] | None = None, *, scale: Scale, maturity: int
) -> tuple[Batch, list[str]]:
    every = [*samples, *(controls or ())]
    windows = [window for sample in every for window in (sample.before, sample.after)]
    segments = sorted({segment for window in windows for day in window.days for segment in day})
    pilot = stack_of(samples, segments or ["none"])
    batch = Batch(
        pilot=pilot,
        before_weekend=weekends([sample.before for sample in samples], pilot.before.shape[2]),
        after_weekend=weekends([sample.after for sample in samples], pilot.after.shape[2]),
        before_days=np.array([len(sample.before) for sample in samples]),
        look_days=np.array([len(sample.after) for sample in samples]),
        maturity_days=maturity,
        scale=scale,
        control=stack_of(controls, segments or ["none"]) if controls else None,
    )
    return batch, segments


def assert_same(plain: Estimate, found: Columns, item: int, arms: list[Sample], segments: list[str]) -> None:
    for name in NUMBERS:
        assert getattr(found, name)[item] == pytest.approx(
            getattr(plain, name), rel=1e-9, abs=1e-9, nan_ok=True
        ), name
    for name in COUNTS:
        assert getattr(found, name)[item] == getattr(plain, name), name
    flaw = int(found.flaw[item])
    assert (FLAWS[flaw] if flaw < len(FLAWS) else None) == plain.flaw
    aside = [
        Spot(arms[0].after.first_day + timedelta(days=int(d)), segments[s])
        for d, s in np.argwhere(found.aside[..., item].T)
    ]
    assert tuple(sorted(aside)) == plain.aside
    cell = int(found.thin_cell[item])
    thin = None if cell < 0 else (Cell(segments[cell // 2], bool(cell % 2)), int(found.thin_n[item]))
    assert thin == plain.thinnest


Values = list[list[float]]  # of three segments


def a_day(cases: Values) -> dict[str, Moments]:
    named = zip("abc", cases, strict=False)
    return {s: Moments(len(x), sum(x), sum(v * v for v in x)) for s, x in named if x}


def by_two_accounts(cases: Values) -> dict[str, dict[str, Moments]]:
    """Give each value to one of two accounts, in turn."""
    shared = {s: {"x": x[::2], "y": x[1::2]} for s, x in zip("abc", cases, strict=False)}
    return {
        s: {who: Moments(len(own), sum(own)) for who, own in held.items() if own}
        for s, held in shared.items()
    }


def a_window(shift: int, days: list[Values], accounts: bool) -> Window:
    held = tuple(map(by_two_accounts, days)) if accounts else ()
    return Window(MONDAY + timedelta(days=shift), tuple(map(a_day, days)), held)


values = st.one_of(st.just(10.0), st.just(0.0), st.floats(0.5, 40.0), st.just(600.0), st.just(-3.0))
days = st.lists(st.lists(st.lists(values, max_size=4), max_size=3), min_size=1, max_size=20)
scales = st.sampled_from(
    [PLAIN, Scale(screened=False), Scale(logs=True, signed=False), Scale(screened=False, signed=False)]
)


@st.composite
def samples(draw: st.DrawFn, accounts: bool = False) -> Sample:
    windows = [a_window(draw(st.integers(0, 6)), draw(days), accounts) for _ in range(2)]
    return Sample(*windows)


@st.composite
def compared(draw: st.DrawFn) -> tuple[Sample, Sample]:
    """Draw a pilot and its comparison group: the same calendar days, other cases."""
    accounts, shift = draw(st.booleans()), draw(st.integers(0, 6))
    lengths = [draw(st.integers(1, 20)) for _ in range(2)]
    arms = [
        Sample(*(a_window(shift, [*draw(days), *[[]] * 20][:length], accounts) for length in lengths))
        for _ in range(2)
    ]
    return arms[0], arms[1]


@settings(deadline=None, max_examples=100)
@given(st.lists(samples(), min_size=1, max_size=3), scales, st.integers(0, 2))
def test_many_at_once_are_the_same_as_one_by_one(samples: list[Sample], scale: Scale, maturity: int) -> None:
    batch, segments = batch_of(samples, scale=scale, maturity=maturity)
    found = estimate_all(batch)
    for item, sample in enumerate(samples):
        plain = estimate(sample, scale=scale, maturity_days=maturity)
        assert_same(plain, found, item, [sample], segments)


@settings(deadline=None, max_examples=60)
@given(st.lists(compared(), min_size=1, max_size=3), scales, st.integers(0, 2))
def test_also_with_a_comparison_group_and_accounts(
    pairs: list[tuple[Sample, Sample]], scale: Scale, maturity: int
) -> None:
    pilots, controls = zip(*pairs, strict=True)
    batch, segments = batch_of(pilots, controls, scale=scale, maturity=maturity)
    found = estimate_all(batch)
    for item, (pilot, control) in enumerate(pairs):
        plain = estimate(pilot, control, scale=scale, maturity_days=maturity)
        assert_same(plain, found, item, [pilot, control], segments)


def test_company_and_padding_never_show_in_a_digit() -> None:
    usual: list[Values] = [[[9.7, 12.1], [31.3, 44.9, 5.5]] for _ in range(15)]
    short = Sample(a_window(0, usual, False), a_window(1, usual[:9], False))
    long = Sample(a_window(0, usual, False), a_window(1, usual, False))
    alone = estimate_all(batch_of([short], scale=PLAIN, maturity=0)[0])
    together = estimate_all(batch_of([long, short, long], scale=PLAIN, maturity=0)[0])
    for name in (*NUMBERS, *COUNTS):
        assert getattr(alone, name)[0] == getattr(together, name)[1], name
