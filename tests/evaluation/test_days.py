"""Local days and the instants at which they turn, also where the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilots.evaluation.days import end_of_day, last_ended_day, local_day, start_of_day

ZONES = ("UTC", "Asia/Tokyo", "Europe/Amsterdam", "America/Havana", "Asia/Beirut", "Pacific/Apia")


@given(st.dates(date(2010, 1, 1), date(2030, 1, 1)), st.sampled_from(ZONES))
def test_days_follow_each_other_without_gap_or_overlap(day: date, zone: str) -> None:
    if (zone, day) == ("Pacific/Apia", date(2011, 12, 29)):
        return  # Samoa left out the day after this one
    assert end_of_day(day, zone) + timedelta(microseconds=1) == start_of_day(day + timedelta(days=1), zone)
    assert start_of_day(day, zone) < end_of_day(day, zone)


@given(st.dates(date(2012, 1, 1), date(2030, 1, 1)), st.sampled_from(ZONES))
def test_both_ends_of_a_day_lie_on_it(day: date, zone: str) -> None:
    assert local_day(start_of_day(day, zone), zone) == day
    assert local_day(end_of_day(day, zone), zone) == day


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        pytest.param(date(2026, 3, 28), 24, id="an ordinary day"),
        pytest.param(date(2026, 3, 29), 23, id="the clocks go forward"),
        pytest.param(date(2026, 10, 25), 25, id="the clocks go back"),
    ],
)
def test_a_day_is_as_long_as_the_clocks_make_it(day: date, hours: int) -> None:
    length = end_of_day(day, "Europe/Amsterdam") - start_of_day(day, "Europe/Amsterdam")
    assert length == timedelta(hours=hours, microseconds=-1)


def test_a_day_is_over_at_its_last_instant_and_not_before() -> None:
    end = end_of_day(date(2026, 1, 5), "Asia/Tokyo")
    assert end == datetime(2026, 1, 5, 14, 59, 59, 999999, tzinfo=UTC)
    assert last_ended_day(end, "Asia/Tokyo") == date(2026, 1, 5)
    assert last_ended_day(end - timedelta(seconds=1), "Asia/Tokyo") == date(2026, 1, 4)
