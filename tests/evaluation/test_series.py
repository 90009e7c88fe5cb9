"""What was known when, and which cases fall into a scope on a day."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilots.evaluation.series import Series, known_at, with_empty_periods
from pilots.evaluation.specs import Reading
from pilots.evaluation.vocabulary import Arm
from tests.evaluation.builders import a_reading, at_end_of, cases, day

FIRST = a_reading(1, 20.0)
CORRECTED = a_reading(1, 30.0, as_of=at_end_of(4))
NEXT_DAY = a_reading(2, 25.0)


@pytest.mark.parametrize(
    ("on_day", "expected"),
    [
        pytest.param(0, (), id="nothing is known before the first reading arrives"),
        pytest.param(1, (FIRST,), id="a reading is known at the instant it was known at"),
        pytest.param(3, (FIRST, NEXT_DAY), id="before the correction the first number stands"),
        pytest.param(4, (CORRECTED, NEXT_DAY), id="from the correction on the new number stands"),
    ],
)
def test_what_was_known(on_day: int, expected: tuple[Reading, ...]) -> None:
    assert known_at([NEXT_DAY, CORRECTED, FIRST], at_end_of(on_day)) == expected


revisions = st.lists(
    st.builds(
        lambda number, mean, late, arm: a_reading(number, mean, as_of=at_end_of(number + late), arm=arm),
        st.integers(1, 5),
        st.integers(1, 50).map(float),
        st.integers(0, 5),
        st.sampled_from(Arm),
    ),
    max_size=25,
)


@given(revisions, st.randoms(use_true_random=False))
def test_order_and_repetition_of_revisions_change_nothing(revisions: list[Reading], random: Random) -> None:
    shuffled = [*revisions, *revisions]
    random.shuffle(shuffled)
    assert known_at(shuffled, at_end_of(6)) == known_at(revisions, at_end_of(6))


@given(revisions)
def test_a_revision_older_than_what_is_known_changes_nothing(revisions: list[Reading]) -> None:
    known = known_at(revisions, at_end_of(10))
    older = [a_reading(r.day.day - 4, 99.0, as_of=r.as_of - timedelta(hours=1), arm=r.arm) for r in known]
    assert known_at([*revisions, *older], at_end_of(10)) == known


def test_a_day_with_rows_elsewhere_has_no_cases_in_a_segment() -> None:
    series = Series([a_reading(1, segment="high", n=3), a_reading(2, segment="low", n=5)])
    days = series.days("hours", first=day(1), last=day(9))
    assert series.daily("hours", days, {"high"}).n == (3, 0)


def test_the_control_arm_never_mixes_with_the_pilot() -> None:
    series = Series([a_reading(1), a_reading(1, 99.0, arm=Arm.CONTROL)])
    assert series.rows("hours")[day(1)] == {"all": cases(100, 20.0)}
    assert series.has_control(first=day(1), last=day(1))
    assert not series.has_control(first=day(2), last=day(9))


@pytest.mark.parametrize(
    ("held", "cadence", "expected"),
    [
        pytest.param([], 1, [1, 2, 3, 4, 5, 6, 7], id="daily: every day"),
        pytest.param([2, 3], 1, [1, 2, 3, 4, 5, 6, 7], id="daily: readings stay"),
        pytest.param([], 7, [7], id="weekly: the last day of the week"),
        pytest.param([3], 7, [3], id="weekly: a reading within the week is its reading"),
        pytest.param([], 4, [4], id="a period that is not over yet is not filled"),
    ],
)
def test_where_no_entry_means_zero_periods_without_one_are_filled(
    held: list[int], cadence: int, expected: list[int]
) -> None:
    days = tuple(day(number) for number in held)
    filled = with_empty_periods(days, first=day(1), last=day(7), cadence=cadence)
    assert filled == tuple(day(number) for number in expected)
