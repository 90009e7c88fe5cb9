"""Clocks that are wrong, and clocks that are changed by law: nothing is lost, nothing is told twice."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from pytest_django import Settings

from pilots.evaluation.days import start_of_day
from pilots.models import Notification, Pilot, PilotState
from tests.builders import a_running_pilot
from tests.faults.breaches import make_pilots, tellings
from tests.faults.conftest import Report
from tests.faults.hours import PERIOD, mails_go_to, recovery, rounds
from tests.faults.parts import MoodyPostOffice

pytestmark = [pytest.mark.django_db, pytest.mark.database]
HOUR = timedelta(hours=1)
HALF_HOUR = timedelta(minutes=30)


@pytest.fixture(autouse=True)
def _mails_go_there(settings: Settings, post: MoodyPostOffice) -> None:
    mails_go_to(post, settings)


@pytest.mark.parametrize("wrong_by", [pytest.param(HOUR, id="ahead"), pytest.param(-HOUR, id="behind")])
def test_a_clock_that_is_an_hour_wrong_and_put_right_costs_nothing(
    post: MoodyPostOffice, report: Report, wrong_by: timedelta
) -> None:
    right = datetime.now(UTC) + 2 * HOUR  # so that an hour behind, all readings are known already
    make_pilots(2, breaches=2)
    for _ in rounds(right + wrong_by, 8 * PERIOD):
        pass
    make_pilots(1, breaches=2, first=2)
    outcome = recovery(right + 9 * PERIOD, tellings(3, 2), post)
    report(f"Clock an hour {'ahead' if wrong_by > timedelta() else 'behind'}, then right", outcome)
    assert (outcome.lost, outcome.unexpected, outcome.duplicated) == (0, 0, 0)
    assert outcome.recovered <= PERIOD.total_seconds()


def test_a_mail_queued_by_a_clock_ahead_waits_at_most_until_the_right_clock_is_there(
    post: MoodyPostOffice, report: Report
) -> None:
    right = datetime.now(UTC)
    make_pilots(1, breaches=2)
    post.mood = "busy"
    for _ in rounds(right + HOUR, 4 * PERIOD):
        pass
    post.mood = "kind"
    outcome = recovery(right + 5 * PERIOD, tellings(1, 2), post, within=2 * HOUR, every=HOUR / 12)
    report("Clock an hour ahead with mails waiting, then right", outcome)
    assert (outcome.lost, outcome.unexpected, outcome.duplicated) == (0, 0, 0)
    assert outcome.recovered <= (HOUR + HOUR / 6).total_seconds()


@pytest.mark.parametrize(
    ("zone", "switch"),
    [
        pytest.param("Europe/Berlin", date(2026, 3, 29), id="Berlin, forward"),
        pytest.param("Europe/Berlin", date(2026, 10, 25), id="Berlin, back"),
        pytest.param("America/New_York", date(2026, 11, 1), id="New York, back"),
        pytest.param("Australia/Lord_Howe", date(2026, 4, 5), id="Lord Howe, back by half an hour"),
        pytest.param("Australia/Lord_Howe", date(2026, 10, 4), id="Lord Howe, forward by half an hour"),
    ],
)
def test_every_local_day_is_looked_at_at_its_turn_and_a_breach_told_once_when_the_clocks_change(
    zone: str, switch: date
) -> None:
    days = [switch + timedelta(days=number) for number in (-1, 0, 1, 2)]
    pilot = a_running_pilot(mean=24.0, days=(days[-1] - date(2026, 3, 2)).days, timezone=zone)
    for turn in (start_of_day(day, zone) for day in days):
        looks = [at for at in rounds(turn - HALF_HOUR, HOUR, every=HALF_HOUR) if was_looked_at(pilot, at)]
        assert looks[-1] == turn
    told = Notification.objects.filter(event__kind="opened", state="sent")
    once = Counter(told.values_list("alert__kind", "recipient"))
    assert once
    assert set(once.values()) == {1}


def was_looked_at(pilot: Pilot, at: datetime) -> bool:
    return PilotState.objects.filter(pilot=pilot, last_evaluated_at=at).exists()
