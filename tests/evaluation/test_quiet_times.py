from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilots.evaluation.quiet_times import always_told, end_of_quiet, next_digest, urgency_of
from pilots.evaluation.retries import LONGEST_SHUT, shut_for

ZONES = ("Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "UTC")
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))


def at(zone: str, *when: int) -> datetime:
    year, month, day, hour, minute = when
    return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        pytest.param((2026, 3, 10, 23, 0), (2026, 3, 11, 7, 0), id="before midnight it is the next morning"),
        pytest.param((2026, 3, 11, 3, 0), (2026, 3, 11, 7, 0), id="after midnight it is this morning"),
        pytest.param((2026, 3, 11, 7, 0), (2026, 3, 11, 7, 0), id="at their end they are over"),
        pytest.param((2026, 3, 11, 12, 0), (2026, 3, 11, 12, 0), id="by day nothing waits"),
        pytest.param((2026, 3, 28, 23, 0), (2026, 3, 29, 7, 0), id="the night the clocks go forward"),
        pytest.param((2026, 10, 24, 23, 0), (2026, 10, 25, 7, 0), id="the night the clocks go back"),
    ],
)
def test_quiet_hours_over_midnight_end_by_the_clock_of_their_reader(
    now: tuple[int, ...], ends: tuple[int, ...]
) -> None:
    zone = "Europe/Amsterdam"
    assert end_of_quiet(at(zone, *now), time(22), time(7), zone) == at(zone, *ends)


def test_quiet_hours_within_a_day_end_on_that_day() -> None:
    now = datetime(2026, 3, 11, 13, 30, tzinfo=UTC)
    assert end_of_quiet(now, time(13), time(14), "UTC") == now + timedelta(minutes=30)
    assert end_of_quiet(now, time(14), time(15), "UTC") == now


@given(MOMENTS, st.times(), st.times(), st.sampled_from(ZONES))
def test_whatever_the_hours_a_message_waits_less_than_a_day_and_never_into_more_quiet(
    now: datetime, quiet_from: time, quiet_to: time, zone: str
) -> None:
    if quiet_from == quiet_to:
        return
    ends = end_of_quiet(now, quiet_from, quiet_to, zone)
    assert now <= ends <= now + timedelta(hours=25)
    clock_changes = ends.astimezone(ZoneInfo(zone)).time() != quiet_to
    assert clock_changes or end_of_quiet(ends, quiet_from, quiet_to, zone) == ends


@given(MOMENTS, st.integers(0, 6), st.sampled_from(ZONES))
def test_a_digest_comes_at_eight_on_its_weekday_within_a_week(now: datetime, weekday: int, zone: str) -> None:
    due = next_digest(now, weekday, zone)
    here = due.astimezone(ZoneInfo(zone))
    assert (here.weekday(), here.time()) == (weekday, time(8))
    assert now < due <= now + timedelta(days=7, hours=1)


@pytest.mark.parametrize(
    ("kind", "severity", "always", "urgency"),
    [
        ("stop_condition", "SEV4", True, 1),
        ("escalation_trigger", "SEV1", True, 1),
        ("driver", "SEV2", True, 2),
        ("driver", "SEV3", False, 3),
        ("scale_up", "SEV4", False, 4),
    ],
)
def test_stop_conditions_and_the_grave_ones_always_reach_people_and_go_first(
    kind: str, severity: str, always: bool, urgency: int
) -> None:
    assert always_told(kind, severity) is always
    assert urgency_of(kind, severity) == urgency


def test_a_channel_stays_shut_longer_each_time_and_at_most_five_minutes() -> None:
    assert [shut_for(failures).total_seconds() for failures in (1, 2, 3, 4, 5, 6, 99)] == [
        15,
        30,
        60,
        120,
        240,
        300,
        300,
    ]
    assert shut_for(1000) == LONGEST_SHUT
