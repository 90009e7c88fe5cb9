"""When a pilot is looked at next."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilots.evaluation.days import local_day, start_of_day
from pilots.evaluation.scheduling import next_look_at
from tests.evaluation.builders import a_pilot, a_stop, at_end_of, day, days_of, look

NOON = datetime(2026, 1, 7, 12, tzinfo=UTC)  # day 3


@pytest.mark.parametrize(
    ("pilot", "after", "expected"),
    [
        pytest.param({}, NOON, start_of_day(day(4), "UTC"), id="daily: at the turn of the day"),
        pytest.param(
            {}, start_of_day(day(4), "UTC"), start_of_day(day(5), "UTC"), id="at the turn: the next one"
        ),
        pytest.param({"cadence_days": 7}, NOON, start_of_day(day(8), "UTC"), id="weekly: from the start"),
        pytest.param(
            {},
            datetime(2025, 12, 1, tzinfo=UTC),
            start_of_day(day(1), "UTC"),
            id="before it began: its start",
        ),
        pytest.param(
            {"timezone": "Asia/Tokyo"},
            NOON,
            datetime(2026, 1, 7, 15, tzinfo=UTC),
            id="the day turns where the pilot is",
        ),
    ],
)
def test_next_turn(pilot: dict[str, Any], after: datetime, expected: datetime) -> None:
    assert next_look_at(a_pilot(**pilot), after=after) == expected


def test_a_deadline_before_the_next_turn_is_looked_at_just_after_it() -> None:
    deadline = NOON + timedelta(hours=1)
    weekly = a_pilot(cadence_days=7)
    assert next_look_at(weekly, after=NOON, deadlines=[deadline]) == deadline + timedelta(microseconds=1)
    assert next_look_at(weekly, after=NOON, deadlines=[NOON - timedelta(days=1)]) == start_of_day(
        day(8), "UTC"
    )


def test_a_weekly_pilot_is_looked_at_when_its_metric_turns_stale() -> None:
    result = look(a_pilot(a_stop(), cadence_days=7), days_of([20.0]), on_day=1)
    assert result.next_look_at == at_end_of(3) + timedelta(microseconds=1)


def test_it_is_looked_at_once_its_planned_end_is_over() -> None:
    pilot = a_pilot(a_stop(), cadence_days=7, end=day(10))
    result = look(pilot, days_of([20.0] * 9), on_day=9)
    assert result.next_look_at == at_end_of(10) + timedelta(microseconds=1)


@given(
    st.datetimes(datetime(2025, 12, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(["UTC", "Europe/Amsterdam", "America/Havana", "Pacific/Auckland"]),
    st.integers(1, 30),
)
def test_the_next_look_is_a_local_midnight_ahead(after: datetime, zone: str, cadence: int) -> None:
    pilot = a_pilot(timezone=zone, cadence_days=cadence)
    following = next_look_at(pilot, after=after)
    turned = local_day(following, zone)
    assert following > after
    assert following == start_of_day(turned, zone)
    assert (turned - pilot.start).days % cadence == 0
    assert following - after <= timedelta(days=cadence, hours=1) or after < start_of_day(pilot.start, zone)


def test_a_look_at_every_day_of_a_year_never_skips_one() -> None:
    pilot = a_pilot(timezone="Europe/Amsterdam")
    at = start_of_day(pilot.start, pilot.timezone)
    seen = []
    for _ in range(365):
        seen.append(local_day(at, pilot.timezone))
        at = next_look_at(pilot, after=at)
    assert seen == [date(2026, 1, 5) + timedelta(days=number) for number in range(365)]
