"""Health: alive is one thing, at work another; and how the footer says it to those who look after it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from pilots.models import Notification, User
from pilots.services.pulsing import beat

pytestmark = pytest.mark.django_db


@pytest.fixture
def _working_engine() -> None:
    for name in settings.PERIODS:
        beat(name, now=timezone.now(), took_ms=1, facts={"counts": {"messages_waiting": 0}})


def a_stuck_message() -> None:
    long_ago = timezone.now() - timedelta(hours=1)
    Notification.objects.create(recipient="x@example.org", created_at=long_ago, next_try_at=long_ago)


@pytest.mark.usefixtures("_working_engine")
def test_all_zero_is_the_green_light(client: Client) -> None:
    answer = client.get("/healthz/deep")
    assert answer.status_code == 200
    assert answer.json()["ok"] is True
    assert set(answer.json()["checks"].values()) == {0}
    assert "no-cache" in answer["Cache-Control"]


@pytest.mark.usefixtures("_working_engine")
def test_a_passer_by_sees_how_many_and_only_staff_see_which(client: Client, reviewer: User) -> None:
    a_stuck_message()
    said = client.get("/healthz/deep")
    assert said.status_code == 503
    assert said.json()["checks"]["messages_waiting"] == 1
    assert "examples" not in said.json()
    client.force_login(reviewer)
    [example] = client.get("/healthz/deep").json()["examples"]["messages_waiting"]
    assert "tried 0 times" in example
    assert "x@example.org" not in example


def test_the_product_is_alive_also_where_its_engine_is_not(client: Client) -> None:
    assert client.get("/healthz").status_code == 200
    assert client.get("/healthz/deep").json()["checks"]["rounds_silent"] == len(settings.PERIODS)


def test_the_footer_says_it_to_staff_and_leaves_others_alone(
    client: Client, owner: User, reviewer: User
) -> None:
    client.force_login(owner)
    assert "The engine" not in client.get("/").text
    client.force_login(reviewer)
    assert "The engine has not been inspected yet." in client.get("/").text


@pytest.mark.parametrize(
    ("age", "wrong", "said"),
    [
        pytest.param(0, 0, "The engine does its work (looked today", id="well"),
        pytest.param(0, 1, "The engine needs a look: 1 thing is stuck or late", id="one thing"),
        pytest.param(0, 2, "The engine needs a look: 2 things are stuck or late", id="two things"),
        pytest.param(3, 0, "The engine has not been inspected since", id="the inspector itself is gone"),
    ],
)
def test_the_footer_tells_the_last_inspection(
    age: int, wrong: int, said: str, client: Client, reviewer: User
) -> None:
    at = timezone.now() - timedelta(hours=age)
    beat("inspection", now=at, took_ms=1, facts={"counts": {"messages_waiting": wrong}})
    client.force_login(reviewer)
    assert said in client.get("/").text
