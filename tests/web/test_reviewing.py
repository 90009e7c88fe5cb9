"""A reviewer answers a driver that moved on a page of its own, found from the pilot's."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from pilots.models import Driver, Pilot
from tests.builders import a_driver, a_person, a_running_pilot
from tests.services.stories import day, judge

pytestmark = pytest.mark.django_db


@pytest.fixture
def pilot() -> Pilot:
    pilot = a_running_pilot()
    number = {"dimension": "", "baseline_mix": {}, "baseline_value": 0.4, "current_value": 0.6}
    a_driver(pilot, "criticality", name="Usage criticality", updated_on=day(20), **number)
    judge(pilot, 28)
    return pilot


def test_a_reviewer_answers_from_the_pilot_s_page(client: Client, pilot: Pilot) -> None:
    client.force_login(a_person("reviewer@example.org"))
    address = reverse("driver-answer", args=[pilot.ref, pilot.drivers.get().pk])
    assert address in client.get(reverse("pilot", args=[pilot.ref])).text
    assert "Say why." in client.post(address, {"answer": "still_valid"}).text
    done = client.post(address, {"answer": "still_valid", "reason": "Used the same way."}, follow=True)
    assert "found it still valid on" in done.text
    assert Driver.objects.get().answered_by == a_person("reviewer@example.org")


def test_the_owner_reads_who_answers(client: Client, pilot: Pilot) -> None:
    client.force_login(a_person())
    page = client.get(reverse("pilot", args=[pilot.ref])).text
    assert "A reviewer who does not own this pilot says whether the limits still hold." in page
