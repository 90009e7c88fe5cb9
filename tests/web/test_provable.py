"""Before a limit is chosen, its page says what the pilot can prove at the volume of its baseline."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from pilots.models import Pilot
from tests.builders import START, a_complete_pilot, a_person, readings

pytestmark = pytest.mark.django_db


@pytest.fixture
def pilot() -> Pilot:
    pilot = a_complete_pilot()
    readings(pilot.metrics.get(), mean=20.0, first=START - timedelta(days=56), days=56)
    return pilot


def said(client: Client, pilot: Pilot, kind: str) -> str:
    client.force_login(a_person())
    page = client.get(f"/pilots/{pilot.ref}/set-up/limits/new/", {"kind": kind}).text
    return page.split('id="provable"')[1].split("<fieldset")[0]


def test_a_stop_is_told_of_changes_and_folded_of_gaps(client: Client, pilot: Pilot) -> None:
    changes, gaps = said(client, pilot, "stop_condition").split("<details")
    assert "Resolution time: at 50 cases a day, a change for the worse of about" in changes
    assert "an improvement" not in changes
    assert "a gap of about" in gaps
    assert "between the best and the worst severity is proven by day 91" in gaps


def test_a_criterion_is_told_of_improvements_alone(client: Client, pilot: Pilot) -> None:
    words = said(client, pilot, "threshold")
    assert "an improvement of about" in words
    assert "a gap" not in words


def test_without_a_start_it_says_what_is_missing(client: Client, pilot: Pilot) -> None:
    Pilot.objects.filter(pk=pilot.pk).update(start=None)
    assert "once the pilot has a start" in said(client, pilot, "stop_condition")
