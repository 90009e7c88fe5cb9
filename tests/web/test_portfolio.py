"""The portfolio: who needs somebody, the most urgent first, in a fixed number of queries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pilots.models import Membership, Pilot, Role, User
from pilots.services.evaluating import evaluate_pilot
from tests.builders import (
    NOON,
    a_person,
    a_pilot,
    a_review,
    a_running_pilot,
    an_alert,
    an_evaluation,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon():  # type: ignore[no-untyped-def]
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def client(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


def a_judged_pilot(ref: str, *, mean: float = 20.0, **fields: Any) -> Pilot:
    pilot = a_running_pilot(ref, mean=mean, **fields)
    evaluate_pilot(pilot_id=pilot.pk, now=NOON)
    return pilot


def titles(page: str) -> list[str]:
    return [part.split(">")[1].split("<")[0] for part in page.split('class="name"')[1:]]


def test_the_most_urgent_pilot_comes_first(client: Client) -> None:
    a_judged_pilot("calm", title="Calm", mean=20.0)
    a_judged_pilot("stopping", title="Stopping", mean=26.0)
    a_judged_pilot("telling", title="Telling", mean=21.6)
    a_judged_pilot("scaling", title="Scaling", mean=17.0)
    assert titles(client.get("/").text) == ["Stopping", "Telling", "Scaling", "Calm"]


def test_a_row_says_verdict_sentence_stage_distance_trend_and_alerts(client: Client) -> None:
    pilot = a_judged_pilot("slow", title="Slow tiers", mean=26.0)
    a_review(pilot, due_on=NOON.date() + timedelta(days=3))
    page = client.get("/").text
    verdict = pilot.evaluations.get()
    assert "Stop</span>" in page
    assert verdict.sentence in page
    assert "Stage 1 of 1" in page
    assert "day 29 of 91" in page
    assert "S1 is past the limit" in page
    assert "+30%" in page
    assert "In 3 days" in page
    assert "open alert" in page


def test_counts_lead_to_the_pilots_with_that_headline(client: Client) -> None:
    a_judged_pilot("calm", title="Calm", mean=20.0)
    a_judged_pilot("stopping", title="Stopping", mean=26.0)
    assert titles(client.get("/?verdict=stop").text) == ["Stopping"]
    assert titles(client.get("/?verdict=needs").text) == ["Stopping"]
    assert titles(client.get("/?verdict=on_track").text) == ["Calm"]


def test_search_finds_a_name_a_reference_and_a_person(client: Client) -> None:
    a_running_pilot("chat", title="Chat first")
    other = a_running_pilot("night", title="Night cover")
    Membership.objects.create(
        pilot=other, user=a_person("ana@example.org", name="Ana Duarte"), role=Role.PILOT_OWNER
    )
    assert titles(client.get("/?q=chat").text) == ["Chat first"]
    assert titles(client.get("/?q=NIGHT").text) == ["Night cover"]
    assert titles(client.get("/?q=duarte").text) == ["Night cover"]
    assert "No pilot matches “nothing”" in client.get("/?q=nothing").text


@pytest.mark.parametrize(
    ("view", "shown"),
    [
        ("running", {"Runs", "Rests"}),
        ("mine", {"Runs", "Rests"}),
        ("drafts", {"Drafted"}),
        ("ended", {"Over"}),
        ("waiting", set()),
        ("review", {"Runs"}),
        ("no-such-view", {"Runs", "Rests"}),
    ],
)
def test_a_view_shows_its_pilots(client: Client, view: str, shown: set[str]) -> None:
    a_review(a_judged_pilot("runs", title="Runs"), due_on=NOON.date() + timedelta(days=7))
    a_running_pilot("rests", title="Rests")
    Pilot.objects.filter(ref="rests").update(status="paused")
    a_pilot("drafted", title="Drafted")
    a_running_pilot("over", title="Over")
    Pilot.objects.filter(ref="over").update(status="scaled")
    assert set(titles(client.get(f"/?view={view}").text)) == shown


def test_a_draft_says_how_much_of_its_checklist_holds(client: Client) -> None:
    a_pilot("drafted", title="Drafted")
    page = client.get("/?view=drafts").text
    assert "of 9 checks hold" in page
    assert "There is no metric yet." in page


def test_missing_readings_are_said_and_never_drawn_as_good(client: Client) -> None:
    pilot = a_running_pilot("silent", title="Silent", days=20)
    evaluate_pilot(pilot_id=pilot.pk, now=NOON)
    page = client.get("/").text
    assert "Cannot tell" in page
    assert "Not known since Sat 21 Mar" in page


def test_a_pilot_nobody_judged_yet_says_so(client: Client) -> None:
    a_running_pilot("fresh", title="Fresh")
    page = client.get("/").text
    assert "Not judged yet" in page


def test_pilots_one_has_no_part_in_are_not_there(stranger: User) -> None:
    a_judged_pilot("secret", title="Secret")
    client = Client()
    client.force_login(stranger)
    page = client.get("/").text
    assert "Secret" not in page
    assert "No pilot is running yet." in page


def test_late_checks_are_said_above_the_list(client: Client) -> None:
    pilot = a_judged_pilot("late", title="Late")
    pilot.state.refresh_from_db()
    pilot.state.next_look_at = NOON - timedelta(hours=3)
    pilot.state.save()
    page = client.get("/").text
    assert "Not checked since today 12:00." in page
    assert "1 pilot is waiting to be checked" in page


def queries_for(client: Client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize("view", ["running", "drafts"])
def test_sixty_pilots_take_as_many_queries_as_five(client: Client, view: str) -> None:
    for i in range(5):
        one(f"p{i}", view)
    few = queries_for(client, f"/?view={view}")
    for i in range(5, 60):
        one(f"p{i}", view)
    assert queries_for(client, f"/?view={view}") == few
    page = client.get(f"/?view={view}").text
    assert "1–50 of 60 pilots" in page
    assert len(titles(client.get(f"/?view={view}&page=2").text)) == 10


def one(ref: str, view: str) -> None:
    if view == "drafts":
        a_pilot(ref)
        return
    an_alert(pilot := a_running_pilot(ref, days=2))
    an_evaluation(pilot)
