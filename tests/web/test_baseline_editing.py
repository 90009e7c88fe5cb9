"""A baseline shows what it would freeze, and is frozen by a person."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from pilots.models import Metric, User
from tests.builders import START, a_decision, a_final_baseline, a_metric, a_person, a_pilot, readings

pytestmark = pytest.mark.django_db

DAYS = {
    "first_day": (START - timedelta(days=28)).isoformat(),
    "last_day": (START - timedelta(days=1)).isoformat(),
}


@pytest.fixture
def metric(owner: User) -> Metric:
    return a_metric(a_pilot(decision=a_decision(owner=owner)))


@pytest.fixture
def page(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def window(metric: Metric) -> str:
    return reverse("baseline-window", args=[metric.pilot.ref, metric.pk])


def final(metric: Metric) -> str:
    return reverse("baseline-final", args=[metric.pilot.ref, metric.pk])


def test_the_window_shows_what_it_would_freeze(page: Client, metric: Metric) -> None:
    readings(metric, mean=20.0, first=START - timedelta(days=28))
    page.post(window(metric), DAYS)
    parts = page.get(final(metric)).context["window"]
    assert [(part.segment, part.days, part.n) for part in parts] == [
        ("All together", 28, 1400),
        ("high", 28, 700),
        ("low", 28, 700),
    ]
    assert [part.value for part in parts] == pytest.approx([20.0, 20.0, 20.0])
    assert not metric.baselines.get().is_final


def test_final_is_final_and_a_new_version_needs_a_reason(page: Client, metric: Metric) -> None:
    readings(metric, mean=20.0, first=START - timedelta(days=28))
    page.post(window(metric), DAYS)
    page.post(final(metric))
    assert metric.baselines.get().finalised_by == a_person("owner@example.org")

    answer = page.post(window(metric), DAYS)
    assert "Say why" in str(answer.context["form"].errors["reason"])
    page.post(window(metric), {**DAYS, "reason": "A week was missing"})
    assert [(b.number, b.is_final) for b in metric.baselines.all()] == [(1, True), (2, False)]
    shown = page.get(reverse("pilot-setup", args=[metric.pilot.ref, "baselines"])).content.decode()
    assert "is to replace it" in shown


def test_an_empty_window_is_refused_and_says_who_owes_the_readings(page: Client, metric: Metric) -> None:
    page.post(window(metric), DAYS)
    shown = page.post(final(metric)).content.decode()
    assert "has no readings" in shown
    assert "Data owes them" in shown
    assert not metric.baselines.get().is_final


@pytest.mark.parametrize(
    ("days", "says"),
    [
        ({"first_day": "2026-02-10", "last_day": "2026-02-01"}, "can&#x27;t be before its first"),
        ({"first_day": "2026-02-10", "last_day": START.isoformat()}, "end before the pilot starts"),
        ({"first_day": "", "last_day": "2026-02-01"}, "Choose the first day"),
    ],
)
def test_impossible_days_are_refused_in_words(
    page: Client, metric: Metric, days: dict[str, str], says: str
) -> None:
    assert says in page.post(window(metric), days).content.decode()
    assert not metric.baselines.exists()


def test_days_that_are_final_are_said_to_be(page: Client, metric: Metric) -> None:
    a_final_baseline(metric)
    assert "It is final already" in page.get(final(metric)).content.decode()


def test_who_delivers_the_readings_may_make_the_baseline_final(client: Client, metric: Metric) -> None:
    readings(metric, mean=20.0, first=START - timedelta(days=28))
    steward = a_person("data@example.org")
    metric.pilot.memberships.create(user=steward, role="metric_owner")
    client.force_login(steward)
    client.post(window(metric), DAYS)
    client.post(final(metric))
    assert metric.baselines.get().is_final
    assert metric.baselines.get().last_day == date(2026, 3, 1)


def test_a_stranger_learns_nothing(client: Client, stranger: User, metric: Metric) -> None:
    client.force_login(stranger)
    assert client.get(window(metric)).status_code == 404
    assert client.post(final(metric)).status_code == 404
