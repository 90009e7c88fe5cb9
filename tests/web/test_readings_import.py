"""A file is sent, looked at, stored or dropped on its pages; nothing typed is lost on the way."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from pilots.models import ImportJob, Observation, Pilot, User
from pilots.services.carrying import carry_next
from pilots.tasks import import_jobs
from pilots.web.forms.uploads import LARGEST
from tests.builders import NOON, START, a_decision, a_metric, a_person, a_pilot
from tests.services.uploads import HEADER, a_file, a_row, sent

pytestmark = pytest.mark.django_db

BAD = a_row(kind="purple") + a_row(n=0)


@pytest.fixture
def pilot(owner: User) -> Pilot:
    return a_metric(a_pilot(decision=a_decision(owner=owner))).pilot


@pytest.fixture
def page(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def entry(pilot: Pilot) -> str:
    return reverse("readings-new", args=[pilot.ref])


def upload(page: Client, pilot: Pilot, rows: str, **more: Any) -> Any:
    return page.post(entry(pilot), {"rows": rows, **more}, follow=True)


def act(page: Client, act: str, **more: Any) -> Any:
    job = ImportJob.objects.get()
    return page.post(reverse("readings-job", args=[job.pilot.ref, job.pk]), {"act": act, **more}, follow=True)


def test_rows_are_shown_as_they_were_read_before_any_is_stored(page: Client, pilot: Pilot) -> None:
    shown = upload(page, pilot, "Day;Cases;Sum;Sum of squares;Severity\n2026-03-02;10;200;4160;low\n")
    assert "1 row can be stored." in shown.text
    assert "20 h from 10 cases" in shown.text
    assert not Observation.objects.exists()
    stored = act(page, "store")
    assert "Readings: 1 new." in stored.text
    assert Observation.objects.get().total == 200


def test_a_file_keeps_its_name_as_the_source(page: Client, pilot: Pilot) -> None:
    file = SimpleUploadedFile("march.csv", (HEADER + a_row()).encode("utf-8-sig"))
    page.post(entry(pilot), {"file": file})
    act(page, "store")
    assert Observation.objects.get().source == "march.csv"


def test_two_bad_lines_are_shown_with_what_is_wrong_and_the_good_ones_can_be_stored(
    page: Client, pilot: Pilot
) -> None:
    shown = upload(page, pilot, HEADER + a_row() + BAD)
    assert "1 row can be stored, 2 are refused." in shown.text
    assert [(p["line"], p["field"]) for p in ImportJob.objects.get().problems] == [(3, "segment"), (4, "n")]
    assert a_row(kind="purple").strip() in shown.text
    assert "Store the 1 good row" in shown.text
    after = act(page, "store")
    assert "2 rows are refused" in after.text
    assert Observation.objects.count() == 1


def test_or_nothing_is_stored(page: Client, pilot: Pilot) -> None:
    upload(page, pilot, HEADER + a_row() + BAD)
    assert "Nothing of it is stored." in act(page, "drop").text
    assert not Observation.objects.exists()


def test_other_numbers_are_laid_side_by_side_and_need_a_reason(page: Client, pilot: Pilot) -> None:
    upload(page, pilot, HEADER + a_row())
    act(page, "store")
    ImportJob.objects.all().delete()
    shown = upload(page, pilot, HEADER + a_row(n=12))
    assert "1 row gives other numbers than the ones known" in shown.text
    assert "20 h from 10 cases" in shown.text
    refused = act(page, "store")
    assert "Say why these numbers are corrected, or leave them out." in refused.text
    assert "1 corrected" in act(page, "store", correction_reason="Counted again").text
    assert Observation.objects.get().n == 12


def test_columns_that_nobody_could_guess_are_asked_for(page: Client, pilot: Pilot) -> None:
    shown = upload(page, pilot, "when,sort,howmany,hours,squares\n2026-03-02,low,10,200,4160\n")
    assert "Say what the columns mean" in shown.text
    assert shown.context["sample"] == [["2026-03-02", "low", "10", "200", "4160"]]
    half = act(page, "read", observed_on="c0", metric="v:resolution_hours")
    assert "Say which column counts the cases" in half.text
    assert '<option value="c0" selected>' in half.text
    columns = {"observed_on": "c0", "segment": "c1", "n": "c2", "sum": "c3", "sum_sq": "c4"}
    shown = act(page, "read", metric="v:resolution_hours", **columns)
    assert "1 row can be stored." in shown.text


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        pytest.param("", "Paste some rows, or choose a file", id="nothing"),
        pytest.param("hello", "the first line must name the columns", id="no header"),
        pytest.param(HEADER, "This file holds a header and no row", id="a header alone"),
        pytest.param("day,n,day\n1,2,3", "&#x27;day&#x27; is there twice", id="a column twice"),
    ],
)
def test_what_holds_no_rows_says_so_and_keeps_what_was_typed(
    page: Client, pilot: Pilot, rows: str, says: str
) -> None:
    shown = upload(page, pilot, rows)
    assert says in shown.text
    assert ImportJob.objects.exists() or rows in shown.text
    assert not Observation.objects.exists()


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"", "Größe".encode("latin-1")])
def test_a_file_that_is_no_text_is_refused_in_words(page: Client, pilot: Pilot, content: bytes) -> None:
    answer = page.post(entry(pilot), {"file": SimpleUploadedFile("odd.csv", content)})
    assert "This could not be read. Nothing was stored." in answer.text
    assert not ImportJob.objects.exists()


def test_more_than_five_megabytes_are_refused_by_size(page: Client, pilot: Pilot) -> None:
    whole = HEADER.encode() + b" " * (LARGEST - len(HEADER))
    just = page.post(entry(pilot), {"file": SimpleUploadedFile("whole.csv", whole)})
    assert just.status_code == 302
    answer = page.post(entry(pilot), {"file": SimpleUploadedFile("large.csv", whole + b" ")})
    assert "This holds 5.0 MB; a page takes 5 MB." in answer.text
    assert ImportJob.objects.count() == 1


def test_rows_and_a_file_at_once_are_a_question(page: Client, pilot: Pilot) -> None:
    file = SimpleUploadedFile("march.csv", (HEADER + a_row()).encode())
    answer = page.post(entry(pilot), {"rows": HEADER + a_row(), "file": file})
    assert "Send one of them" in answer.text
    assert a_row().strip() in answer.text


def test_a_long_file_is_carried_in_by_a_worker_while_its_page_shows_how_far_it_is(
    page: Client, pilot: Pilot
) -> None:
    upload(page, pilot, a_file(6000, first=START.replace(year=2015)))
    shown = act(page, "store")
    assert "0 of 6,000 rows are in." in shown.text
    assert shown["Refresh"] == "2"
    carry_next(now=NOON)
    still = page.get(f"{shown.wsgi_request.path}?still")
    assert "2,000 of 6,000 rows are in." in still.text
    assert "Refresh" not in still
    assert "being stored, 2,000 of 6,000 rows are in" in page.get(reverse("pilot", args=[pilot.ref])).text
    import_jobs()
    done = page.get(shown.wsgi_request.path)
    assert "6,000 new." in done.text
    assert "Refresh" not in done
    assert "stored, 6,000 new." in page.get(reverse("pilot", args=[pilot.ref])).text


def test_who_owes_the_readings_may_send_them_and_who_is_only_informed_may_not(
    client: Client, pilot: Pilot
) -> None:
    for address, role, status in (("data@x.org", "metric_owner", 302), ("board@x.org", "informed", 403)):
        person = a_person(address)
        pilot.memberships.create(user=person, role=role)
        client.force_login(person)
        assert client.post(entry(pilot), {"rows": HEADER + a_row()}).status_code == status


def test_a_file_is_seen_on_the_page_of_its_own_pilot_only(page: Client, pilot: Pilot, owner: User) -> None:
    job = sent(pilot, HEADER + a_row(), by=owner)
    other = a_pilot("other", decision=a_decision("other", owner=owner))
    assert page.get(reverse("readings-job", args=[other.ref, job.pk])).status_code == 404


def test_a_file_that_waits_for_its_sender_is_offered_again(page: Client, pilot: Pilot, owner: User) -> None:
    job = sent(pilot, HEADER + a_row(), by=owner)
    assert reverse("readings-job", args=[pilot.ref, job.pk]) in page.get(entry(pilot)).text


def test_a_page_of_a_file_asks_the_same_number_of_questions_however_long_it_is(
    page: Client, pilot: Pilot, owner: User, django_assert_max_num_queries: Any
) -> None:
    job = sent(pilot, a_file(400, first=START.replace(year=2025)) + BAD * 300, by=owner)
    with django_assert_max_num_queries(20):
        shown = page.get(reverse("readings-job", args=[pilot.ref, job.pk]))
    assert "And 400 rows more." in shown.text
