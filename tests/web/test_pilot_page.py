"""One pilot's page: what is true, what to do next, how we know."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pilots.models import Baseline, Metric, Observation, Pilot, PilotState, Stage, User
from pilots.services.evaluating import evaluate_pilot
from tests.builders import (
    NOON,
    START,
    a_condition,
    a_driver,
    a_final_baseline,
    a_metric,
    a_pilot,
    a_review,
    a_running_pilot,
    an_alert,
    readings,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def client(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


def judged(pilot: Pilot) -> Pilot:
    evaluate_pilot(pilot_id=pilot.pk, now=NOON)
    pilot.state.refresh_from_db()
    return pilot


def page_of(client: Client, ref: str = "tiers", asked: str = "") -> str:
    answer = client.get(f"/pilots/{ref}/{asked}")
    assert answer.status_code == 200
    return answer.text


def test_the_answer_is_what_the_newest_evaluation_says(client: Client) -> None:
    pilot = judged(a_running_pilot(mean=26.0))
    page = page_of(client)
    evaluation = pilot.evaluations.get()
    assert evaluation.verdict == "stop"
    assert evaluation.sentence in page
    assert all(badge in page for badge in evaluation.badges)


def test_the_page_judges_nothing_itself(client: Client) -> None:
    pilot = judged(a_running_pilot(mean=26.0))
    Observation.objects.all().delete()
    pilot.conditions.filter(ref="S1").update(limit=0.9)
    assert pilot.evaluations.get().sentence in page_of(client)


@pytest.mark.parametrize(
    ("mean", "asks"),
    [
        pytest.param(26.0, "Decide: continue, pause or stop.", id="a stop condition asks for a decision"),
        pytest.param(17.0, "Decide whether to scale up.", id="met criteria ask for a decision"),
        pytest.param(20.0, "Nothing to do now.", id="on track asks for nothing"),
    ],
)
def test_what_to_do_next_and_who_does_it(client: Client, mean: float, asks: str) -> None:
    judged(a_running_pilot(mean=mean))
    page = page_of(client)
    assert asks in page


def test_missing_readings_are_asked_of_the_person_who_owes_them(client: Client) -> None:
    judged(a_running_pilot(days=20))
    page = page_of(client)
    assert "Cannot tell" in page
    assert "no readings since Sat 21 Mar" in page
    next_steps = page.split("What to do next")[1].split("</ol>")[0]
    assert "Data" in next_steps
    assert "Record readings" in page


def test_a_stale_answer_keeps_its_bar_with_the_date_it_is_from(client: Client) -> None:
    judged(a_running_pilot(days=20))
    assert "The bar shows what was known on Sat 21 Mar." in page_of(client)


def test_before_the_first_reading_nothing_is_drawn_and_nothing_is_red(client: Client) -> None:
    pilot = a_running_pilot(days=0)
    pilot.start = NOON.date()
    pilot.save()
    pilot.stages.update(started_on=NOON.date())
    judged(pilot)
    page = page_of(client)
    assert "No readings yet." in page
    assert "Data owes the first" in page
    assert 'class="bar' not in page.split('id="why-h"')[1].split("</section>")[0]
    assert "Past the limit" not in page


def test_the_loudest_rule_stands_first_and_calm_ones_are_folded(client: Client) -> None:
    pilot = a_running_pilot(mean=21.6)
    a_condition(pilot.metrics.get(), "S2", limit=0.9, name="Unthinkable")
    judged(pilot)
    page = page_of(client)
    assert page.index('id="c-E1-overall"') < page.index('id="c-T1-overall"')
    assert "1 rule is far from its limit" in page
    assert "S2 Unthinkable" in page.split("far from its limit")[1]


def test_each_scope_of_a_rule_has_its_own_row(client: Client) -> None:
    pilot = a_running_pilot(mean=26.0)
    a_condition(pilot.metrics.get(), "S3", scope="each:severity", name="A severity suffers")
    judged(pilot)
    page = page_of(client)
    assert "A severity suffers: low" in page
    assert "A severity suffers: high" in page


def test_values_held_against_limits_as_they_are_say_so(client: Client) -> None:
    judged(a_running_pilot())
    page = page_of(client)
    assert "Looked at often: the limits do not allow for repeated looks" in page
    assert "Looking every day is safe" not in page


def test_the_chart_follows_the_segment_and_the_metric_asked_for(client: Client) -> None:
    pilot = a_running_pilot()
    cost = a_metric(pilot, "cost", name="Support cost", unit="€")
    a_final_baseline(cost, mean=40.0)
    readings(cost, mean=40.0)
    judged(pilot)
    assert "Resolution time, high: 20 h over the last 7 days" in page_of(client, asked="?segment=high")
    assert "Support cost: 40 € over the last 7 days" in page_of(client, asked="?metric=cost")
    nonsense = page_of(client, asked="?metric=no&segment=%22%3E%3Cscript%3E")
    assert "Resolution time over time" in nonsense
    assert "<script>" not in nonsense


def test_drivers_show_their_shares_then_and_now(client: Client) -> None:
    pilot = a_running_pilot()
    a_driver(pilot, updated_on=NOON.date())
    judged(pilot)
    drivers = page_of(client).split('id="drivers-h"')[1]
    assert "Issue severity mix" in drivers
    assert "50%" in drivers
    assert "Holds" in drivers


def test_stages_say_where_they_are_and_what_the_next_step_needs(client: Client) -> None:
    pilot = a_running_pilot(mean=26.0)
    Stage.objects.create(pilot=pilot, order=2, name="a quarter", exposure_share=0.25)
    judged(pilot)
    page = page_of(client)
    assert "Running, day 29" in page
    assert "25% of accounts" in page
    assert "Before the next step" in page
    assert "is open:" in page.split("Before the next step")[1]


def test_a_draft_shows_its_checklist_with_links_to_where_it_is_mended(client: Client) -> None:
    a_pilot()
    page = page_of(client)
    assert "Before it can start" in page
    assert "There is no metric yet." in page
    assert "/pilots/tiers/set-up/baselines/" in page


def test_a_running_pilot_nobody_judged_says_so(client: Client) -> None:
    a_running_pilot()
    page = page_of(client)
    assert "Nothing was judged yet." in page


def test_a_late_check_is_said_at_the_top(client: Client) -> None:
    pilot = judged(a_running_pilot())
    PilotState.objects.filter(pilot=pilot).update(next_look_at=NOON - timedelta(hours=2))
    assert "Not checked since today 12:00." in page_of(client)


def test_a_stopped_pilot_says_what_customers_were_returned_to(client: Client) -> None:
    pilot = judged(a_running_pilot())
    pilot.status, pilot.returned_to = Pilot.Status.STOPPED, "One queue for everybody."
    pilot.save()
    page = page_of(client)
    assert "Customers were returned to: One queue for everybody." in page
    assert "What to do next" not in page


def test_simulated_data_is_labelled(client: Client) -> None:
    a_running_pilot(simulated=True)
    assert "simulated data" in page_of(client)


def test_the_timeline_tells_verdicts_alerts_edits_and_readings(client: Client, owner: User) -> None:
    pilot = judged(a_running_pilot(mean=26.0))
    rule = pilot.conditions.get(ref="E1")
    rule.limit = 0.08
    rule.explain(by=owner, reason="Leads want to hear later.")
    rule.save()
    everything = client.get("/pilots/tiers/timeline/").text
    assert "First headline: Stop" in everything
    assert "stop condition: it opened" in everything
    assert "E1: limit changed from 5% to 8%" in everything
    assert "Olive Owner: Leads want to hear later." in everything
    edits = page_of(client, asked="?show=edits").split('id="time-h"')[1]
    assert "First headline" not in edits


def test_a_headline_that_changes_is_told_with_both_words(client: Client) -> None:
    pilot = judged(a_running_pilot(mean=20.0))
    Observation.objects.filter(metric__pilot=pilot, day__gte=START + timedelta(days=18)).update(
        total=25 * 30.0
    )
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        evaluate_pilot(pilot_id=pilot.pk, now=NOON + timedelta(days=1))
        page = page_of(client, asked="?show=verdicts")
    assert "Headline changed from On track to Stop" in page


def test_only_the_owners_are_offered_moves_and_edits(client: Client, reviewer: User) -> None:
    pilot = judged(a_running_pilot())
    an_alert(pilot)
    assert "Stop the pilot for good" in page_of(client)
    client.force_login(reviewer)
    page = page_of(client)
    assert "Stop the pilot for good" not in page
    assert "Change the set-up" not in page


def test_people_are_named_with_what_they_are(client: Client) -> None:
    a_review(judged(a_running_pilot()))
    rail = page_of(client).split('id="people-h"')[1]
    assert "owes resolution time" in rail
    assert "reviewer" in rail
    assert "decision owner" in rail


def test_where_the_numbers_come_from_names_rules_and_baselines(client: Client) -> None:
    judged(a_running_pilot())
    rail = page_of(client).split('id="rules-h"')[1]
    assert "Rule S1, version 1" in rail
    assert "Resolution time: baseline 1" in rail


def queries_for(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def a_big_pilot(ref: str, metrics: int) -> Pilot:
    pilot = a_running_pilot(ref)
    for i in range(metrics):
        metric = a_metric(pilot, f"m{i}", name=f"Metric {i}")
        a_final_baseline(metric)
        a_condition(metric, f"S{i + 10}", scope="each:severity")
        readings(metric, mean=20.0, days=15)
        a_driver(pilot, f"d{i}", updated_on=NOON.date())
        an_alert(pilot, "manual", condition=None, scope=f"m{i}")
    return judged(pilot)


def test_a_big_pilot_takes_as_many_queries_as_a_small_one(client: Client) -> None:
    a_big_pilot("small", 1)
    a_big_pilot("big", 6)
    client.get("/pilots/small/")  # what is cached once per process
    assert queries_for(client, "/pilots/big/") == queries_for(client, "/pilots/small/")


def test_the_readings_come_as_a_file_that_can_be_read_back_in(client: Client) -> None:
    a_running_pilot(days=3)
    answer = client.get("/pilots/tiers/metrics/resolution_hours.csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer).decode())))
    assert len(rows) == 6
    assert rows[0]["observed_on"] == "2026-03-02"
    assert (rows[0]["metric"], rows[0]["n"], rows[0]["sum"]) == ("resolution_hours", "25", "500.0")


def test_a_text_that_a_spreadsheet_would_run_is_made_harmless(client: Client) -> None:
    pilot = a_running_pilot(days=1)
    Observation.objects.filter(metric__pilot=pilot, segment="low").update(segment="=1+1", total=-5.0)
    answer = client.get("/pilots/tiers/metrics/resolution_hours.csv")
    text = b"".join(answer).decode()
    assert "'=1+1" in text
    assert ",-5.0," in text


def test_the_chart_comes_as_a_picture_that_stands_by_itself(client: Client) -> None:
    judged(a_running_pilot())
    answer = client.get("/pilots/tiers/metrics/resolution_hours.svg?segment=high")
    assert answer["Content-Type"] == "image/svg+xml"
    assert ElementTree.fromstring(answer.content).tag.endswith("svg")  # noqa: S314  (our own answer)
    assert "attachment" in answer["Content-Disposition"]


@pytest.mark.parametrize("path", ["metrics/nothing.csv", "metrics/nothing.svg"])
def test_a_metric_the_pilot_lacks_is_not_found(client: Client, path: str) -> None:
    a_running_pilot()
    assert client.get(f"/pilots/tiers/{path}").status_code == 404


def odd(pilot: Pilot, **fields: Any) -> Metric:
    metric = a_metric(pilot, "odd", **({"name": "Odd one"} | fields))
    Baseline.objects.create(
        metric=metric, first_day=START - timedelta(days=9), last_day=START - timedelta(days=1)
    )
    readings(metric, mean=0.25, days=5)
    a_condition(metric, "X1", comparison="above", limit=0.5)
    return metric


@pytest.mark.parametrize("kind", ["mean", "rate", "total", "geometric_mean"])
def test_every_kind_of_metric_has_its_chart(client: Client, kind: str) -> None:
    pilot = a_running_pilot()
    odd(pilot, kind=kind)
    judged(pilot)
    assert "Odd one over time" in page_of(client, asked="?metric=odd")
