"""Looks that go on from what is remembered, and looks that are judged again."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilots.evaluation.backtest import replay
from pilots.evaluation.documents import canonical_bytes
from pilots.evaluation.judging import Memory, memory_of
from pilots.evaluation.results import PilotResult
from pilots.evaluation.series import known_at
from pilots.evaluation.specs import DriverSpec, PilotSpec, Reading, StageSpec
from pilots.evaluation.vocabulary import Comparison, Episode, Truth, Verdict
from tests.evaluation.builders import a_reading, at_end_of, condition, day, days_of, look
from tests.evaluation.interval_stories import BEFORE, TIERS, hours, piloted, stop, threshold, trigger


def looked(
    pilot: PilotSpec, readings: list[Reading], *, to: int, memory: Memory | None = None, first: int = 1
) -> list[PilotResult]:
    """Look at the end of every day with what was known then, and remember."""
    memory, results = dict(memory or {}), []
    for number in range(first, to + 1):
        known = known_at(readings, at_end_of(number))
        results.append(look(pilot, known, on_day=number, memory=memory))
        memory = memory_of(pilot, results[-1])
    return results


def test_a_firing_that_late_readings_undo_is_withdrawn() -> None:
    wrong = [a_reading(number, 25.0) for number in range(1, 11)]
    right = [a_reading(number, 20.0, as_of=at_end_of(11)) for number in range(1, 11)]
    results = looked(piloted(stop()), [*BEFORE, *wrong, *right, *days_of([20.0] * 5, first=11)], to=13)
    told = [(condition(r, "S1").episode, condition(r, "S1").withdrawn) for r in results[8:13]]
    assert told == [
        (Episode.FIRING, False),
        (Episode.FIRING, False),
        (Episode.CLEAR, True),
        (Episode.CLEAR, False),
        (Episode.CLEAR, False),
    ]


def test_harm_that_late_readings_show_is_dated_to_the_day_it_was_there() -> None:
    late = [a_reading(number, 25.0, as_of=at_end_of(12)) for number in range(1, 11)]
    days = [*days_of([20.0] * 10), *late, *days_of([20.0] * 10, first=11)]
    results = looked(piloted(stop()), [*BEFORE, *days], to=12)
    assert condition(results[10], "S1").truth is Truth.FALSE
    assert condition(results[11], "S1").since == day(7)


def test_the_precision_of_the_first_look_is_kept_through_corrections() -> None:
    pilot = piloted(stop())
    few = [a_reading(number, 20.0, n=30) for number in range(1, 8)]
    many = [a_reading(number, 20.0, n=300, as_of=at_end_of(9)) for number in range(1, 8)]
    days = [*few, *many, *days_of([20.0] * 10, first=8)]
    first, *_, last = looked(pilot, [*BEFORE, *days], to=10)[6:]
    before, after = (memory_of(pilot, result)["S1", "overall"].first_variances for result in (first, last))
    assert before
    assert after == before


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(piloted(stop(version=2)), id="a new rule"),
        pytest.param(
            piloted(stop(), stage=StageSpec(2, "second", day(9))),
            id="a new stage",
        ),
        pytest.param(
            piloted(stop(), metrics=(hours(baseline=replace(hours().baseline, version=2)),)),  # type: ignore[type-var]
            id="a new baseline",
        ),
    ],
)
def test_and_dropped_with(changed: PilotSpec) -> None:
    days = [*days_of([20.0] * 8, n=50), *days_of([20.0] * 12, first=9)]
    before = looked(piloted(stop()), [*BEFORE, *days], to=8)[-1]
    memory = memory_of(piloted(stop()), before)
    after = look(changed, [*BEFORE, *days], on_day=20, memory=memory)
    fresh = look(changed, [*BEFORE, *days], on_day=20)
    kept = [memory_of(changed, result)["S1", "overall"].first_variances for result in (after, fresh)]
    assert kept[0] == kept[1]


def test_while_harm_is_proven_the_scale_side_has_not_had_its_first_look() -> None:
    pilot = piloted(threshold())
    harmful = looked(pilot, [*BEFORE, *days_of([23.0] * 20)], to=20)[-1]
    calm = looked(pilot, [*BEFORE, *days_of([20.0] * 20)], to=20)[-1]
    assert set(memory_of(pilot, harmful)["T1", "overall"].first_variances) == {"worse overall"}
    assert set(memory_of(pilot, calm)["T1", "overall"].first_variances) == {"overall", "worse overall"}


def test_sustained_counts_reading_periods_and_not_looks() -> None:
    days = days_of([25.0] * 8 + [None] + [25.0] * 3)
    results = looked(piloted(stop(sustained_periods=3)), [*BEFORE, *days], to=12)
    episodes = [condition(result, "S1").episode for result in results[6:11]]
    assert episodes == [Episode.PENDING, Episode.PENDING, Episode.PENDING, Episode.FIRING, Episode.FIRING]


def test_a_day_without_readings_is_looked_at_too() -> None:
    days = days_of([18.0] * 13 + [None] + [18.0])
    results = looked(piloted(threshold()), [*BEFORE, *days], to=14)
    assert [result.verdict for result in results[12:]] == [Verdict.EARLY, Verdict.SCALE_UP]


def test_looking_twice_a_day_changes_nothing() -> None:
    pilot, known = piloted(stop(sustained_periods=3)), [*BEFORE, *days_of([25.0] * 8)]
    memory = memory_of(pilot, looked(pilot, known, to=8)[-1])
    again = look(pilot, known, on_day=8, memory=memory)
    assert memory_of(pilot, again) == memory


revisions = st.lists(
    st.builds(
        lambda number, mean, late, tier: a_reading(
            number, mean, segment=tier, as_of=at_end_of(number + late), n=60
        ),
        st.integers(-3, 20),
        st.sampled_from([16.0, 20.0, 26.0, 900.0]),
        st.integers(0, 6),
        st.sampled_from(["basic", "premium"]),
    ),
    max_size=30,
)
FULL = [
    reading
    for tier in TIERS["tier"]
    for reading in (
        *days_of([20.0, 21.0] * 14, first=-27, segment=tier),
        *days_of([18.0, 18.5] * 10, segment=tier),
    )
]


@settings(deadline=None, max_examples=15)
@given(revisions, st.randoms(use_true_random=False))
def test_a_replay_says_byte_by_byte_what_each_look_would_have_said(
    revisions: list[Reading], random: Random
) -> None:
    gap = trigger(scope="gap:tier", comparison=Comparison.WORSEN_BY)
    pilot = piloted(
        threshold(sustained_periods=2),
        stop(scope="each:tier"),
        gap,
        dimensions=TIERS,
        drivers=(DriverSpec("D1", "Mix", dimension="tier"),),
    )
    known = [*FULL, *revisions]
    random.shuffle(known)
    replayed = list(replay(pilot, known, first=day(1), last=day(20)))
    alone = looked(pilot, known, to=20)
    assert [canonical_bytes(result) for result in replayed] == [canonical_bytes(result) for result in alone]
