"""A reviewer answers a driver that moved on a page of its own, found from the pilot's."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from pilots.evaluation.moments import Moments
from pilots.evaluation.specs import Reading
from pilots.models import Driver, Pilot
from pilots.services.recording import record_readings
from tests.builders import a_driver, a_person, a_running_pilot
from tests.services.stories import day, end_of, judge

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


def test_a_mix_found_valid_is_the_then_of_its_row_from_that_day(client: Client) -> None:
    pilot = a_running_pilot(days=0)
    metric = pilot.metrics.get()
    driver = a_driver(pilot, update_every_days=None)
    for number in range(1, 29):
        for segment, n in (("low", 45), ("high", 15)):
            moments = Moments(n, n * 20.0, n * 416.0)
            known = [Reading(metric.ref, day(number), segment, moments, end_of(number))]
            record_readings(pilot_id=pilot.pk, rows=known, by=None, source="story", now=end_of(number))
    Driver.objects.update(
        answer="still_valid", answered_on=day(28), answered_by=a_person("reviewer@example.org")
    )
    judge(pilot, 28)
    client.force_login(a_person())
    page = client.get(reverse("pilot", args=[pilot.ref])).text
    row = page.split(f"<h3>{driver.name}")[1].split("</article>")[0]
    assert "Then: found still valid on Sun 29 Mar by Reviewer, the four weeks up to it." in row
    assert "then: low 75%, high 25%" in row
    assert "where no answer below says otherwise" in page
    assert "not known" in row


def test_the_owner_reads_who_answers(client: Client, pilot: Pilot) -> None:
    client.force_login(a_person())
    page = client.get(reverse("pilot", args=[pilot.ref])).text
    assert "A reviewer who does not own this pilot says whether the limits still hold." in page
