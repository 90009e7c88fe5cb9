"""One reading is typed or corrected by hand; every value it ever had can be looked up."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from pilots.models import Metric, Observation, Pilot, ReadingRevision, User
from tests.builders import START, a_decision, a_metric, a_pilot, a_running_pilot
from tests.services.uploads import HEADER, a_row, sent

pytestmark = pytest.mark.django_db

TYPED = {"metric": "resolution_hours", "day": "2026-03-02", "segment": "low", "arm": "pilot"}
NUMBERS = {"n": "10", "total": "200", "spread": "4"}


@pytest.fixture
def pilot(owner: User) -> Pilot:
    return a_metric(a_pilot(decision=a_decision(owner=owner))).pilot


@pytest.fixture
def page(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def record(page: Client, pilot: Pilot, query: str = "", **fields: Any) -> Any:
    address = reverse("reading-new", args=[pilot.ref]) + query
    return page.post(address, {**TYPED, **NUMBERS, **fields}, follow=True)


def test_a_number_typed_by_hand_leads_to_its_chain(page: Client, pilot: Pilot) -> None:
    shown = record(page, pilot)
    kept = Observation.objects.get()
    assert (kept.n, kept.total, kept.total_sq, kept.source) == (10, 200, 4144, "entered by hand")
    assert "Low: 20 h from 10 cases" in shown.text
    assert "First value" in shown.text


def test_of_a_rate_the_number_of_successes_is_enough(page: Client, pilot: Pilot) -> None:
    a_metric(pilot, "solved", name="Solved at once", kind="rate", unit="")
    record(page, pilot, metric="solved", total="4", spread="")
    assert (Observation.objects.get().total, Observation.objects.get().total_sq) == (4, 4)


@pytest.mark.parametrize(
    ("fields", "at", "says"),
    [
        pytest.param({"day": "2199-01-01"}, "day", "lies in the future", id="a day to come"),
        pytest.param({"known_on": "2026-03-01"}, "known_on", "before the day it speaks", id="known before"),
        pytest.param({"n": "0"}, "n", "greater than or equal to 1", id="no case"),
        pytest.param({"spread": ""}, "spread", "their spread is needed", id="no spread"),
        pytest.param({"metric": "cost"}, "metric", "Select a valid choice", id="no such metric"),
        pytest.param({"total": "nan"}, "total", "Enter a number", id="no number"),
    ],
)
def test_a_mistake_is_said_at_its_field_and_the_rest_stays(
    page: Client, pilot: Pilot, fields: dict[str, str], at: str, says: str
) -> None:
    answer = record(page, pilot, **fields)
    assert says in " ".join(answer.context["form"].errors[at])
    assert answer.context["form"]["arm"].value() == "pilot"
    assert not Observation.objects.exists()


def test_other_numbers_for_the_same_day_need_a_reason(page: Client, pilot: Pilot) -> None:
    record(page, pilot)
    refused = record(page, pilot, total="220")
    assert "Say why they are corrected" in refused.text
    record(page, pilot, total="220", correction_reason="Counted again")
    assert Observation.objects.get().total == 220


def test_a_correction_starts_from_what_is_known_and_shows_old_and_new(
    page: Client, pilot: Pilot, owner: User
) -> None:
    record(page, pilot)
    query = "?metric=resolution_hours&day=2026-03-02&segment=low&arm=pilot"
    form = page.get(reverse("reading-new", args=[pilot.ref]) + query).context["form"]
    assert (form["n"].value(), form["total"].value(), form["spread"].value()) == (10, 200, 4)
    known_on = str(form["known_on"].value())
    assert "This field is required" in record(page, pilot, query, total="210", known_on=known_on).text
    shown = record(page, pilot, query, total="210", known_on=known_on, correction_reason="It was twice in it")
    assert "Corrected from 20 h from 10 cases" in shown.text
    assert "It was twice in it" in shown.text
    newest = ReadingRevision.objects.order_by("-pk")[0]
    assert (newest.by, newest.reason) == (owner, "It was twice in it")


def test_a_correction_that_is_known_later_keeps_its_reason(page: Client, pilot: Pilot) -> None:
    record(page, pilot)
    record(page, pilot, total="210", known_on="2026-03-09", correction_reason="Late cases")
    assert ReadingRevision.objects.get(kind="corrected").reason == "Late cases"


def test_what_came_late_and_is_older_stands_in_the_chain_and_counts_for_nothing(
    page: Client, pilot: Pilot
) -> None:
    record(page, pilot, known_on="2026-03-09")
    shown = record(page, pilot, total="180")
    assert "Older than what was known" in shown.text
    assert "Low: 20 h from 10 cases" in shown.text


def test_a_day_without_readings_says_who_owes_them(page: Client, pilot: Pilot) -> None:
    shown = page.get(reverse("readings-day", args=[pilot.ref, "resolution_hours", "2026-03-02"]))
    assert "No reading of Resolution time is known for this day. Data delivers them." in shown.text


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "20260302"])
def test_a_day_that_is_none_is_not_found(page: Client, pilot: Pilot, day: str) -> None:
    assert page.get(reverse("readings-day", args=[pilot.ref, "resolution_hours", day])).status_code == 404


def test_the_overview_says_how_far_each_metric_goes_and_leads_to_its_days(
    page: Client, owner: User, django_assert_max_num_queries: Any
) -> None:
    pilot = a_running_pilot(decision=a_decision(owner=owner), days=5)
    for number in range(4):
        a_metric(pilot, f"cost_{number}", name=f"Cost {number}")
    sent(pilot, HEADER + a_row(), by=owner)
    Observation.objects.filter(day=START.replace(day=4)).delete()
    with django_assert_max_num_queries(20):
        shown = page.get(reverse("readings", args=[pilot.ref]))
    assert reverse("readings-day", args=[pilot.ref, "resolution_hours", "2026-03-05"]) in shown.text
    assert "Wed 4 Mar: none" in shown.text
    assert "waits for a word whether to store it" in shown.text
    looked_up = page.get(reverse("readings", args=[pilot.ref]), {"metric": "cost_1", "day": "2026-03-03"})
    assert looked_up["Location"] == reverse("readings-day", args=[pilot.ref, "cost_1", "2026-03-03"])


def test_who_only_looks_sees_the_chain_and_no_form(client: Client, reviewer: User, owner: User) -> None:
    pilot = a_running_pilot(decision=a_decision(owner=owner), days=2)
    client.force_login(reviewer)
    metric = Metric.objects.get()
    shown = client.get(reverse("readings-day", args=[pilot.ref, metric.ref, START.isoformat()]))
    assert "20 h from 25 cases" in shown.text
    assert "Correct it" not in shown.text
    assert client.get(reverse("reading-new", args=[pilot.ref])).status_code == 403


def test_a_stranger_learns_nothing(client: Client, stranger: User, pilot: Pilot) -> None:
    client.force_login(stranger)
    for name, more in (
        ("readings", []),
        ("reading-new", []),
        ("readings-day", ["resolution_hours", "2026-03-02"]),
    ):
        assert client.get(reverse(name, args=[pilot.ref, *more])).status_code == 404
