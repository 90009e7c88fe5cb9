"""Working time passes from Monday to Friday, by the clocks of the pilot's zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilots.evaluation.working_days import after_working_time

DAY = timedelta(days=1)
# one with summer time, one without, one whose clocks change by half an hour, one a day ahead of another
ZONES = ("Europe/Amsterdam", "Asia/Tokyo", "Australia/Lord_Howe", "America/New_York", "Pacific/Kiritimati")


def local(text: str, zone: str = "Europe/Amsterdam") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("start", "wait", "expected"),
    [
        pytest.param("2026-03-25T15:00", DAY, "2026-03-26T15:00", id="Wednesday to Thursday"),
        pytest.param(
            "2026-03-27T15:00", DAY, "2026-03-30T15:00", id="Friday to Monday, over a change of clocks"
        ),
        pytest.param("2026-10-23T15:00", DAY, "2026-10-26T15:00", id="and over the one in autumn"),
        pytest.param("2026-03-27T15:00", 3 * DAY, "2026-04-01T15:00", id="three working days"),
        pytest.param("2026-03-26T15:00", 7 * DAY, "2026-04-06T15:00", id="seven working days, two weekends"),
        pytest.param("2026-03-28T10:00", DAY, "2026-03-31T00:00", id="a weekend begins with Monday"),
        pytest.param("2026-03-29T23:59", DAY, "2026-03-31T00:00", id="whenever in it"),
        pytest.param("2026-03-28T10:00", 0 * DAY, "2026-03-30T00:00", id="even without a wait"),
        pytest.param(
            "2026-03-27T22:00", timedelta(hours=3), "2026-03-30T01:00", id="hours stop on Friday night"
        ),
        pytest.param(
            "2026-03-27T22:00", timedelta(hours=2), "2026-03-30T00:00", id="and never end at midnight"
        ),
        pytest.param(
            "2026-03-26T22:00", timedelta(days=1, hours=3), "2026-03-30T01:00", id="days first, then hours"
        ),
    ],
)
def test_working_time(start: str, wait: timedelta, expected: str) -> None:
    assert after_working_time(local(start), wait, "Europe/Amsterdam") == local(expected)


instants = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))
zones = st.sampled_from(ZONES)


@given(start=instants, days=st.integers(0, 30), minutes=st.integers(0, 1439), zone=zones)
def test_it_always_ends_on_a_working_day_and_never_early(
    start: datetime, days: int, minutes: int, zone: str
) -> None:
    wait = timedelta(days=days, minutes=minutes)
    end = after_working_time(start, wait, zone)
    assert end.astimezone(ZoneInfo(zone)).weekday() < 5
    # the clocks of a day may be put forward or back by an hour
    assert end - start >= wait - timedelta(hours=1)


@given(start=instants, days=st.integers(1, 30), zone=zones)
def test_whole_days_keep_the_time_of_day(start: datetime, days: int, zone: str) -> None:
    begins = start.astimezone(ZoneInfo(zone))
    if begins.weekday() >= 5:
        return
    ends = after_working_time(start, timedelta(days=days), zone).astimezone(ZoneInfo(zone))
    skipped = ends.utcoffset() != begins.utcoffset()
    assert ends.time() == begins.time() or skipped
    weekdays = sum(1 for n in range(1, (ends.date() - begins.date()).days + 1) if _is_weekday(begins, n))
    assert weekdays == days


def _is_weekday(start: datetime, later: int) -> bool:
    return (start.date() + timedelta(days=later)).weekday() < 5


@given(start=instants, shorter=st.integers(0, 10_000), longer=st.integers(0, 10_000), zone=zones)
def test_a_longer_wait_never_ends_sooner(start: datetime, shorter: int, longer: int, zone: str) -> None:
    one, other = sorted((shorter, longer))
    # a day may be an hour shorter by the clock than the hours that are counted beyond whole days
    slack = timedelta(hours=1)
    first = after_working_time(start, timedelta(minutes=one), zone)
    assert first <= after_working_time(start, timedelta(minutes=other), zone) + slack
