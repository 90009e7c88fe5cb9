"""A decision that exists as text becomes drafts, after its owner has seen how it was read."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from pilots.models import Decision, User
from tests.builders import a_decision, a_person

pytestmark = pytest.mark.django_db

TEXT = """N042: Night shift at the depot
Context: Parcels wait until morning.
Options:
A: Leave it as it is
B: Pilot a night shift in stages
Decision: Select Option B and validate waiting time and cost per parcel early, revisit if order volume changes
materially.
Rationale: Learn before we hire.
Risks: Poor data quality.
"""
PAGE = "decision-from-text"


@pytest.fixture
def page(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def test_the_text_is_shown_as_understood_and_nothing_is_kept(page: Client) -> None:
    answer = page.post(reverse(PAGE), {"text": TEXT})
    shown = answer.content.decode()
    assert "What was understood" in shown
    assert "Pilot a night shift in stages" in shown
    assert "waiting time" in shown
    assert not Decision.objects.exists()


def test_what_could_not_be_placed_is_listed_with_its_line(page: Client) -> None:
    answer = page.post(reverse(PAGE), {"text": "Skip to content\n" + TEXT})
    assert "Line 1: Skip to content" in answer.content.decode()


def test_the_second_button_makes_the_drafts(page: Client, owner: User) -> None:
    answer = page.post(reverse(PAGE), {"text": TEXT, "create": "1"})
    decision = Decision.objects.get()
    assert answer.headers["Location"] == reverse("decision", args=[decision.ref])
    assert decision.owner == owner
    assert decision.chosen is not None
    assert decision.chosen.key == "B"
    assert decision.pilots.get().metrics.count() == 2


def test_a_file_is_put_into_the_field_so_that_it_can_be_mended(page: Client) -> None:
    answer = page.post(reverse(PAGE), {"file": SimpleUploadedFile("page.txt", TEXT.encode())})
    assert "Parcels wait until morning.\n" in answer.context["form"]["text"].value()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"\x89PNG\r\n\x1a\n", "not UTF-8", id="a picture"),
        pytest.param("Kontext: Größe".encode("latin-1"), "not UTF-8", id="another encoding"),
        pytest.param(b"", "empty", id="an empty file"),
    ],
)
def test_what_is_no_text_is_refused_in_words(page: Client, content: bytes, says: str) -> None:
    answer = page.post(reverse(PAGE), {"file": SimpleUploadedFile("page.txt", content)})
    assert says in answer.content.decode()
    assert not Decision.objects.exists()


def test_the_same_text_again_leads_to_the_decision_that_is_there(page: Client) -> None:
    page.post(reverse(PAGE), {"text": TEXT, "create": "1"})
    shown = page.post(reverse(PAGE), {"text": TEXT}).content.decode()
    assert "is here already" in shown
    assert "Make the drafts" not in shown


def test_a_short_name_of_somebody_else_s_decision_is_asked_for_again(page: Client) -> None:
    other = a_decision("night-shift", owner=a_person("other@example.org"), title="Secret plan")
    answer = page.post(reverse(PAGE), {"text": TEXT, "ref": other.ref, "create": "1"})
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "night-shift" in shown
    assert "Secret plan" not in shown
    assert Decision.objects.count() == 1
