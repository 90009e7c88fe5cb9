"""The pilot and the decision as they stood on a past day, in the browser's words."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from django.test import Client

from tests.builders import a_person
from tests.reports.past_story import Story, day, evening, live

pytestmark = pytest.mark.django_db

DAYS = 11


@pytest.fixture
def story() -> Iterator[Story]:
    """Eleven days; on the sixth the fourth was corrected, on the third E1 was changed."""
    story = Story()
    live(story, days=DAYS, judged_on=(1, 2, 5, 7, DAYS))
    with time_machine.travel(evening(DAYS), tick=False):
        yield story


@pytest.fixture
def client(story: Story) -> Client:
    client = Client()
    client.force_login(story.owner)
    return client


def page_on(client: Client, shown: date, path: str = "/pilots/tiers/", asked: str = "") -> str:
    answer = client.get(f"{path}?as_of={shown}{asked}")
    assert answer.status_code == 200
    return answer.text.split("<main")[1].split("</main>")[0]


def test_a_past_page_says_so_offers_nothing_to_do_and_leads_back(client: Client) -> None:
    page = page_on(client, day(2))
    assert "You see <strong>Tue 3 Mar</strong> as it was known that evening." in page
    assert '<a href="/pilots/tiers/">Back to today</a>' in page
    assert 'method="post"' not in page
    for act in ("Record readings", "Change the set-up", "Stop the pilot for good", "Raise an alert"):
        assert act not in page
    assert "today" not in page.replace("Back to today", "").lower()


def test_rules_and_alerts_are_those_of_that_day(client: Client, story: Story) -> None:
    assert "Rule E1, version 1" in page_on(client, day(2))
    assert "Rule E1, version 2" in page_on(client, day(5))
    opened = story.alert().opened_at.date()
    before, since = (opened - day(1)).days, (opened - day(1)).days + 1
    assert story.alert().ref not in page_on(client, day(before))
    assert f"{story.alert().ref}, escalation trigger" in page_on(client, day(since))


def test_before_the_start_the_past_page_shows_the_set_up(client: Client) -> None:
    page = page_on(client, day(0))
    assert "Before it can start" in page
    assert '<li class="wait">' in page
    assert "Go on with the set-up" not in page
    assert "Mend it" not in page


NOT_SHOWN = {
    str(day(-5)): "On Tue 24 Feb this pilot did not exist yet.",
    str(day(DAYS + 1)): "Fri 13 Mar has not come yet.",
    "soon": "“soon” is no day. Write it like 2026-03-11.",
}


def test_a_day_that_can_not_be_shown_is_a_sentence_and_has_no_chart(client: Client) -> None:
    for shown, says in NOT_SHOWN.items():
        answer = client.get(f"/pilots/tiers/?as_of={shown}")
        assert says in answer.text
        assert '<a href="/pilots/tiers/">back to today</a>' in answer.text
        assert client.get(f"/pilots/tiers/metrics/hours.svg?as_of={shown}").status_code == 404


def test_today_is_no_past_and_the_picker_knows_the_days_there_are(client: Client) -> None:
    answer = client.get(f"/pilots/tiers/?as_of={day(DAYS)}")
    assert (answer.status_code, answer["Location"]) == (302, "/pilots/tiers/")
    page = client.get("/pilots/tiers/").text
    assert 'name="as_of" type="date" value="2026-03-12" min="2026-03-01" max="2026-03-12"' in page


def readings(client: Client, asked: str) -> dict[tuple[str, str], str]:
    answer = client.get(f"/pilots/tiers/metrics/hours.csv{asked}")
    rows = csv.DictReader(io.StringIO(b"".join(answer).decode()))
    return {(row["observed_on"], row["segment"]): row["n"] for row in rows}


def test_the_readings_of_a_past_day_come_as_they_were_received_by_then(client: Client) -> None:
    then, now = readings(client, f"?as_of={day(5)}"), readings(client, "")
    corrected = (day(4).isoformat(), "low")
    assert (then[corrected], now[corrected]) == ("40", "38")
    assert max(then)[0] == day(5).isoformat()
    assert max(now)[0] == day(DAYS).isoformat()


def test_the_chart_of_a_past_day_is_named_after_it_and_linked_from_its_page(client: Client) -> None:
    page = page_on(client, day(5), asked="&metric=hours&segment=high")
    assert f"hours.svg?segment=high&amp;as_of={day(5)}" in page
    answer = client.get(f"/pilots/tiers/metrics/hours.svg?segment=high&as_of={day(5)}")
    assert f"tiers-hours-{day(5)}.svg" in answer["Content-Disposition"]
    assert "Fri 6 Mar" in answer.text
    assert "Sat 7 Mar" not in answer.text
    assert "The same as a table" in page
    rows = page.split("The same as a table")[1].split("</table>")[0]
    assert "Fri 6 Mar" in rows
    assert "Sat 7 Mar" not in rows


def test_the_one_pager_of_a_past_day(client: Client) -> None:
    page = page_on(client, day(5), "/decisions/tiers-decision/")
    assert "You see <strong>Fri 6 Mar</strong>" in page
    assert f'href="/pilots/tiers/?as_of={day(5)}"' in page
    assert "day 5 of" in page
    assert "Edit" not in page
    before = client.get(f"/decisions/tiers-decision/?as_of={day(-5)}").text
    assert "On Tue 24 Feb this decision did not exist yet." in before


def test_who_may_not_see_it_today_may_not_see_its_past(story: Story) -> None:
    stranger = Client()
    stranger.force_login(a_person("stranger@example.org"))
    assert stranger.get(f"/pilots/tiers/?as_of={day(5)}").status_code == 404
    assert stranger.get(f"/decisions/tiers-decision/?as_of={day(5)}").status_code == 404
