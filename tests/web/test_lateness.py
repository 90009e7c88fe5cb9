"""Every page says so when nothing is being checked."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from pilots.models import Pilot, Pulse, User
from pilots.services.pulsing import beat
from tests.builders import a_decision, a_running_pilot, an_alert

pytestmark = pytest.mark.django_db
SAYS = "The engine has stopped."


@pytest.fixture
def pilot(owner: User) -> Pilot:
    return a_running_pilot(decision=a_decision(owner=owner), days=1)


@pytest.fixture
def page(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def an_evaluation_round(at: datetime) -> None:
    beat("evaluate", now=at, took_ms=5, facts={})


def places(pilot: Pilot) -> list[str]:
    alert = an_alert(pilot)
    fixed = ["/", "/decisions/", "/alerts/", "/reviews/", "/outbox/", f"/alerts/{alert.pk}/"]
    return [
        *fixed,
        f"/pilots/{pilot.ref}/",
        f"/decisions/{pilot.decision.ref}/",
        f"/pilots/{pilot.ref}/set-up/limits/",
    ]


def test_every_page_says_since_when_the_engine_is_silent(page: Client, pilot: Pilot) -> None:
    an_evaluation_round(timezone.now() - timedelta(hours=3))
    silent = {place for place in places(pilot) if page.get(place).text.count(SAYS) != 1}
    assert silent == set()


@pytest.mark.parametrize("seconds", [None, 5])
def test_no_page_says_so_while_it_runs_or_where_none_ever_ran(
    page: Client, pilot: Pilot, seconds: int | None
) -> None:
    if seconds is not None:
        an_evaluation_round(timezone.now() - timedelta(seconds=seconds))
    assert Pulse.objects.count() == (seconds is not None)
    assert [place for place in places(pilot) if SAYS in page.get(place).text] == []


def test_who_is_not_signed_in_learns_nothing_of_it(client: Client, pilot: Pilot) -> None:
    an_evaluation_round(timezone.now() - timedelta(hours=3))
    assert SAYS not in client.get("/sign-in/").text
