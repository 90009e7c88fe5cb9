"""A mail server in every bad mood: whatever it does for an hour, nothing is lost, and next to none twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from pilots.evaluation.retries import LONGEST_RETRY
from pilots.models import Notification
from pilots.services.resending import resend
from tests.builders import a_person
from tests.faults.accounts import Outcome
from tests.faults.breaches import make_pilots, tellings
from tests.faults.conftest import Report
from tests.faults.hours import PERIOD, mails_go_to, recovery, rounds
from tests.faults.parts import MoodyPostOffice

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def _mails_go_there(settings: Settings, post: MoodyPostOffice) -> None:
    mails_go_to(post, settings)


def after(mood: str, post: MoodyPostOffice, lasting: timedelta) -> Outcome:
    """Let three breaches meet a server in a mood that lasts for a while, and then a kind one."""
    began = datetime.now(UTC)
    make_pilots(1, breaches=3)
    post.mood = mood
    for _ in rounds(began, lasting):
        pass
    assert not Notification.objects.filter(state="sent").exists(), "the mood was felt"
    post.mood = "kind"
    return recovery(began + lasting + PERIOD, tellings(1, 3), post)


@pytest.mark.parametrize(
    "mood",
    [
        pytest.param("closed", id="hangs up at once"),
        pytest.param("locked", id="knows no password"),
        pytest.param("busy", id="4xx to everybody"),
    ],
)
def test_what_was_surely_not_sent_goes_out_once_when_the_server_is_well_again(
    post: MoodyPostOffice, report: Report, mood: str
) -> None:
    outcome = after(mood, post, timedelta(minutes=10))
    report(f"SMTP {mood} for 10 min", outcome)
    assert (outcome.lost, outcome.unexpected, outcome.duplicated) == (0, 0, 0)
    assert outcome.recovered <= LONGEST_RETRY.total_seconds() + 60


def test_a_server_that_never_answers_after_the_dot_is_asked_again_later(
    post: MoodyPostOffice, report: Report
) -> None:
    outcome = after("hanging", post, timedelta(minutes=3))
    report("SMTP hanging after the dot for 3 min", outcome)
    assert (outcome.lost, outcome.unexpected, outcome.duplicated) == (0, 0, 0)


def test_a_server_that_dies_after_the_dot_gives_at_most_one_more_copy_for_each_death(
    post: MoodyPostOffice, report: Report
) -> None:
    outcome = after("dying", post, timedelta(minutes=1))
    deaths = len(post.mails) - 3
    report("SMTP dying after the dot for 1 min", outcome)
    assert (outcome.lost, outcome.unexpected) == (0, 0)
    assert outcome.duplicated <= deaths
    assert len({str(mail["Message-ID"]) for mail in post.mails}) == 3


@pytest.mark.parametrize(
    ("mood", "lasting"),
    [
        pytest.param("refusing", timedelta(minutes=1), id="5xx to everybody"),
        pytest.param("hanging", timedelta(minutes=15), id="never answers after the dot, for long"),
    ],
)
def test_what_could_not_be_sent_at_all_is_shown_and_sent_once_when_a_person_asks_for_it(
    post: MoodyPostOffice, report: Report, mood: str, lasting: timedelta
) -> None:
    began, firsts = datetime.now(UTC), tellings(1, 3)
    make_pilots(1, breaches=3)
    post.mood = mood
    *_, last = rounds(began, lasting)
    given_up = Notification.objects.filter(state="dead").exclude(state_reason="")
    told_next = [first._replace(turn="escalated", recipient="owner@example.org") for first in firsts]
    assert given_up.count() == len(firsts + told_next), "the next is told at once, and in vain as well"
    post.mood = "kind"
    clerk = a_person("clerk@example.org", is_staff=True)
    for row in given_up:
        resend(notification_id=row.pk, by=clerk, now=last)
    outcome = recovery(last + PERIOD, firsts + told_next, post)
    report(f"SMTP {mood} until given up, then sent again by a person", outcome)
    assert (outcome.lost, outcome.unexpected, outcome.duplicated) == (0, 0, 0)
