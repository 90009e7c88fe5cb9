"""What the interval method found stands on the pilot's page: range, split, days left out, assumptions."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pilots.evaluation.moments import Moments
from pilots.evaluation.specs import Reading
from pilots.models import Pilot
from pilots.services.recording import record_readings
from tests.builders import START, a_condition, a_final_baseline, a_metric, a_person, readings
from tests.builders import a_running_pilot as a_pilot
from tests.services.stories import day, end_of, judge

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client) -> str:
    """The page of a pilot that got better by a quarter, mostly on easier cases, with one absurd day."""
    pilot = a_pilot(days=0)
    metric = pilot.metrics.get()
    pilot.conditions.update(method="interval")
    readings(metric, mean=20.0, first=START - timedelta(days=56), days=56)
    record(pilot)
    judge(pilot, 28)
    client.force_login(a_person())
    return client.get(reverse("pilot", args=[pilot.ref])).text


def record(pilot: Pilot) -> None:
    rows = []
    for number in range(1, 29):
        for segment, n in (("low", 40), ("high", 20)):
            hours = 18.0 + (number % 3 - 1) * 0.2
            mean = hours * (40 if (number, segment) == (18, "high") else 1)
            moments = Moments(n, n * mean, n * (mean**2 + 16.0))
            rows.append(Reading("resolution_hours", day(number), segment, moments, end_of(number)))
    record_readings(pilot_id=pilot.pk, rows=rows, by=None, source="story", now=end_of(28))


def test_the_range_and_the_proof_stand_in_the_sentence(page: str) -> None:
    assert "on the same mix of cases (likely between" in page
    assert "Proven: met" in page


def test_the_bar_carries_the_interval(page: str) -> None:
    assert 'height="6" rx="3"' in page


def test_the_split_says_what_the_mix_did(page: str) -> None:
    assert "Raw change" in page
    assert "the same cases" in page


def test_a_day_left_out_is_named_and_crossed(page: str) -> None:
    assert "Left out, for it cannot be right: Thu 19 Mar (high)" in page
    assert 'class="cross"' in page


def test_the_last_four_weeks_stand_once_for_each_number_and_call_nothing(page: str) -> None:
    assert page.count("Over the last 28 days, to Sun 29 Mar: 10% lower (between") == 1
    assert page.count("This is information; no verdict follows from it.") == 1


def test_late_harm_of_a_rule_far_from_its_limit_can_be_read_too(client: Client) -> None:
    pilot = a_pilot(days=0)
    metric = pilot.metrics.get()
    pilot.conditions.exclude(ref="S1").delete()
    pilot.conditions.update(method="interval", limit=0.9)
    for first, days, mean in ((-56, 56, 20.0), (0, 32, 20.0), (32, 28, 22.0)):
        readings(metric, mean=mean, first=START + timedelta(days=first), days=days)
    judge(pilot, 60)
    client.force_login(a_person())
    calm = client.get(reverse("pilot", args=[pilot.ref])).text.split("1 rule is far from its limit")[1]
    assert "Resolution time: Over the last 28 days, to Thu 30 Apr: 10% higher (between" in calm


def test_the_last_four_weeks_take_as_many_queries_for_one_metric_as_for_many(client: Client) -> None:
    client.force_login(a_person())
    few, many = (judged_with(metrics, f"tiers-{metrics}") for metrics in (1, 4))
    assert queries_for(client, few) == queries_for(client, many)


def judged_with(metrics: int, ref: str) -> Pilot:
    """A pilot with a number of metrics of 28 days, each judged by its interval in two segments."""
    pilot = a_pilot(ref)
    first = pilot.metrics.get()
    readings(first, mean=20.0, first=START - timedelta(days=56), days=56)
    for number in range(1, metrics):
        metric = a_metric(pilot, f"m{number}", name=f"Metric {number}")
        a_final_baseline(metric)
        a_condition(metric, f"S{number + 10}", scope="each:severity")
        readings(metric, mean=20.0, first=START - timedelta(days=56), days=84)
    pilot.conditions.update(method="interval")
    judge(pilot, 28)
    return pilot


def queries_for(client: Client, pilot: Pilot) -> int:
    with CaptureQueriesContext(connection) as captured:
        page = client.get(reverse("pilot", args=[pilot.ref])).text
    assert "Over the last 28 days" in page
    return len(captured)


def test_the_page_says_once_what_is_assumed(page: str) -> None:
    assert page.count("Looking every day is safe: the limits allow for it") == 1
    assert page.count("No comparison group: this assumes nothing else changed") == 1
