"""Readings are pasted or sent as a file; what is refused is listed line by line."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from pilots.models import Observation, Pilot, User
from tests.builders import a_decision, a_metric, a_person, a_pilot

pytestmark = pytest.mark.django_db

HEAD = "observed_on,as_of,arm,segment,metric,n,sum,sum_sq\n"
GOOD = "2026-03-02,,pilot,low,resolution_hours,10,200,4100\n"
BAD = "2026-03-02,,pilot,purple,resolution_hours,10,200,4100\n2026-03-03,,pilot,low,resolution_hours,0,0,0\n"


@pytest.fixture
def pilot(owner: User) -> Pilot:
    return a_metric(a_pilot(decision=a_decision(owner=owner))).pilot


@pytest.fixture
def page(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def entry(pilot: Pilot) -> str:
    return reverse("readings-new", args=[pilot.ref])


def test_pasted_rows_are_stored(page: Client, pilot: Pilot) -> None:
    answer = page.post(entry(pilot), {"rows": HEAD + GOOD}, follow=True)
    assert "Readings: 1 new." in " ".join(map(str, answer.context["messages"]))
    assert Observation.objects.get().total == 200


def test_a_file_is_stored(page: Client, pilot: Pilot) -> None:
    file = SimpleUploadedFile("march.csv", (HEAD + GOOD).encode("utf-8-sig"))
    page.post(entry(pilot), {"file": file})
    assert Observation.objects.get().source == "march.csv"


def test_one_refused_row_keeps_everything_out_and_each_is_listed(page: Client, pilot: Pilot) -> None:
    answer = page.post(entry(pilot), {"rows": HEAD + GOOD + BAD})
    shown = answer.content.decode()
    assert "2 rows were refused" in shown
    assert [problem.line for problem in answer.context["problems"]] == [3, 4]
    assert "purple" in shown
    assert answer.context["form"]["rows"].value() == HEAD + GOOD + BAD
    assert not Observation.objects.exists()


def test_the_good_rows_are_stored_where_that_is_asked_for(page: Client, pilot: Pilot) -> None:
    answer = page.post(entry(pilot), {"rows": HEAD + GOOD + BAD, "partial": "on"})
    shown = answer.content.decode()
    assert "2 rows were refused" in shown
    assert "1 new" in shown
    assert Observation.objects.count() == 1


def test_other_numbers_need_a_reason(page: Client, pilot: Pilot) -> None:
    page.post(entry(pilot), {"rows": HEAD + GOOD})
    other = HEAD + GOOD.replace("200,4100", "210,4500")
    assert page.post(entry(pilot), {"rows": other}).status_code == 200
    assert Observation.objects.get().total == 200
    page.post(entry(pilot), {"rows": other, "correction_reason": "Counted again"})
    assert Observation.objects.get().total == 210


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        pytest.param({}, "Paste some rows, or choose a file", id="nothing"),
        pytest.param({"rows": "hello"}, "refused", id="no header"),
        pytest.param({"rows": HEAD}, "", id="a header alone"),
    ],
)
def test_what_holds_no_rows_stores_nothing(
    page: Client, pilot: Pilot, sent: dict[str, str], says: str
) -> None:
    answer = page.post(entry(pilot), sent, follow=True)
    assert answer.status_code == 200
    assert says in answer.content.decode()
    assert not Observation.objects.exists()


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"", "Größe".encode("latin-1")])
def test_a_file_that_is_no_text_is_refused_in_words(page: Client, pilot: Pilot, content: bytes) -> None:
    answer = page.post(entry(pilot), {"file": SimpleUploadedFile("odd.csv", content)})
    assert answer.status_code == 200
    assert answer.context["problems"]


def test_pasted_rows_and_a_file_at_once_are_a_question(page: Client, pilot: Pilot) -> None:
    file = SimpleUploadedFile("march.csv", (HEAD + GOOD).encode())
    answer = page.post(entry(pilot), {"rows": HEAD + GOOD, "file": file})
    assert "Send one of them" in answer.content.decode()


def test_who_owes_the_readings_may_record_them(client: Client, pilot: Pilot) -> None:
    steward = a_person("data@example.org")
    pilot.memberships.create(user=steward, role="metric_owner")
    client.force_login(steward)
    assert client.post(entry(pilot), {"rows": HEAD + GOOD}).status_code == 302


def test_who_is_only_informed_may_not(client: Client, pilot: Pilot) -> None:
    informed = a_person("board@example.org")
    pilot.memberships.create(user=informed, role="informed")
    client.force_login(informed)
    answer = client.post(entry(pilot), {"rows": HEAD + GOOD})
    assert answer.status_code == 403
    assert not Observation.objects.exists()


def test_a_stranger_learns_nothing(client: Client, stranger: User, pilot: Pilot) -> None:
    client.force_login(stranger)
    assert client.get(entry(pilot)).status_code == 404
