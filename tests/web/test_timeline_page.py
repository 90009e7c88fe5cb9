"""Everything that happened on a pilot, by kind, person and period."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pilots.models import PilotMove
from pilots.reports.timeline import ENTRIES_A_PAGE
from tests.reports.past_story import Story, day, evening, live, noon

pytestmark = pytest.mark.django_db

DAYS = 15


@pytest.fixture
def story() -> Iterator[Story]:
    story = Story()
    live(story, days=DAYS, judged_on=(1, 7, DAYS))
    with time_machine.travel(evening(DAYS), tick=False):
        yield story


@pytest.fixture
def client(story: Story) -> Client:
    client = Client()
    client.force_login(story.owner)
    return client


def told(client: Client, asked: str = "") -> list[str]:
    """The titles and texts of the entries, as they are read."""
    answer = client.get(f"/pilots/tiers/timeline/{asked}")
    assert answer.status_code == 200
    entries = answer.text.split('<ol class="timeline"')[1].split("</ol>")[0] if "<ol" in answer.text else ""
    parts = re.findall(r"<strong>(.*?)</strong>(?:<p>(.*?)</p>)?", entries)
    return [re.sub(r"<.*?>", "", f"{title} / {text}") for title, text in parts]


def test_each_kind_is_told_with_who_and_why(client: Client, story: Story) -> None:
    ref = story.alert().ref
    for kind, expected in {
        "verdicts": "Headline changed from Early to Escalate",
        "alerts": f"{ref}, escalation trigger: Mei Tanaka took it / On it",
        "mails": "Mei Tanaka was told by mail",
        "moves": "Pilot: paused, after running / Mei Tanaka: Storm.",
        "edits": "E1: 2 changes / Mei Tanaka: They asked.",
        "readings": "Readings of Thu 5 Mar corrected / 1 reading, from help desk, by Aiko Mori. Two cases",
    }.items():
        assert any(expected in entry for entry in told(client, f"?kind={kind}")), kind
    page = client.get("/pilots/tiers/timeline/?kind=edits").text
    assert "<li>limit changed from 8% to 10%</li>" in page


def test_what_says_the_same_is_told_as_one_and_a_snooze_until_when(client: Client) -> None:
    entries = told(client)
    assert any("The fix ships tomorrow. Until Tue 17 Mar, 09:00." in entry for entry in entries)
    assert any("parts added / Mei Tanaka: Pilot file." in entry for entry in entries)
    assert any("in 3 deliveries, from help desk" in entry for entry in entries)


def test_the_newest_comes_first(client: Client) -> None:
    stamps = re.findall(r'<time datetime="(.*?)"', client.get("/pilots/tiers/timeline/").text)
    assert stamps == sorted(stamps, reverse=True)
    assert len(stamps) > 20


def test_by_person_only_what_that_person_did_or_was_told(client: Client, story: Story) -> None:
    steward = told(client, f"?person={story.steward.pk}")
    assert steward
    assert all("Mei Tanaka" not in entry for entry in steward)
    assert any("Readings of" in entry for entry in steward)
    engine = told(client, "?person=engine")
    assert any("Headline changed" in entry for entry in engine)
    assert not any("Readings of" in entry for entry in engine)


def test_a_period_has_both_its_days(client: Client) -> None:
    asked = f"?kind=readings&since={day(5)}&to={day(6)}"
    assert [entry.partition(" / ")[0] for entry in told(client, asked)] == [
        "Readings of Sat 7 Mar arrived",
        "Readings of Thu 5 Mar corrected",
        "Readings of Fri 6 Mar arrived",
    ]

    # a headline of a later period knows what was before
    assert not any("First headline" in entry for entry in told(client, f"?kind=verdicts&since={day(3)}"))


def test_a_mistaken_or_empty_period_is_said(client: Client) -> None:
    page = client.get(f"/pilots/tiers/timeline/?since={day(6)}&to={day(5)}").text
    assert "This day is before the first one." in page
    assert "Write the day like" in client.get("/pilots/tiers/timeline/?since=soon").text
    page = client.get("/pilots/tiers/timeline/?kind=reviews").text
    assert "Nothing of this kind happened." in page
    assert 'href="/pilots/tiers/timeline/"' in page


def many_moves(story: Story, count: int) -> None:
    at = noon(1)
    PilotMove.objects.bulk_create(
        PilotMove(pilot=story.pilot, from_status="paused", to_status="running", at=at + timedelta(minutes=i))
        for i in range(count)
    )


def test_pages_follow_one_another_without_a_gap_and_cost_the_same(client: Client, story: Story) -> None:
    many_moves(story, 3 * ENTRIES_A_PAGE)
    everything = PilotMove.objects.filter(pilot=story.pilot).count()
    pages = [told(client, f"?kind=moves&page={number}") for number in range(1, 6)]
    decided = 2  # the decision's own moves, which are kept with its versions
    assert [len(page) for page in pages[:3]] == [ENTRIES_A_PAGE] * 3
    assert sum(len(page) for page in pages) == everything + decided
    assert queries(client, "?page=1") == queries(client, "?page=3")


def queries(client: Client, asked: str) -> int:
    client.get("/pilots/tiers/timeline/")
    with CaptureQueriesContext(connection) as captured:
        client.get(f"/pilots/tiers/timeline/{asked}")
    return len(captured)


def test_a_page_that_is_none_is_the_first_and_one_too_far_says_so(client: Client) -> None:
    first = told(client)
    for number in ("0", "-1", "x", "9" * 40):
        assert told(client, f"?page={number}") == first
    assert "Nothing is older." in client.get("/pilots/tiers/timeline/?page=90").text


def test_the_pilot_page_shows_the_newest_and_leads_to_the_rest(client: Client) -> None:
    page = client.get("/pilots/tiers/?show=alerts").text
    assert 'href="/pilots/tiers/timeline/?kind=alerts' in page
    assert page.split('id="time-h"')[1].count("<time") <= 12
