"""A page as it stood on a past day is the page that was shown on that day."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pilots.models import Decision, Pilot
from pilots.reports.as_of import NotThen, day_asked, decision_page_on, pilot_page_on
from pilots.reports.decision_pages import decision_page, decisions_for_page
from pilots.reports.pilot_pages import Asked, pilot_page, pilots_for_page
from pilots.reports.snapshots import snapshot_of
from tests.reports.past_story import (
    ACTS,
    STOPPED,
    Act,
    Level,
    Story,
    day,
    evening,
    everybody_suffers_at_first,
    live,
    one_tier_suffers,
)

pytestmark = pytest.mark.django_db

ASKED = (Asked(), Asked(metric="hours", segment="high", show="edits"), Asked(show="mails"))


def shown_live(story: Story, number: int) -> list[dict[str, Any]]:
    pilot = pilots_for_page(story.owner).get()
    decision = decisions_for_page(story.owner).get()
    pages = [pilot_page(pilot, asked, now=evening(number)) for asked in ASKED]
    return [*map(snapshot_of, pages), snapshot_of(decision_page(decision, now=evening(number)))]


def rebuilt(story: Story, number: int) -> list[dict[str, Any]]:
    pages = [pilot_page_on(story.pilot, asked, day(number)) for asked in ASKED]
    decision = decision_page_on(Decision.objects.get(), day(number), timezone="UTC")
    return [*map(snapshot_of, pages), snapshot_of(decision)]


def as_stored(pages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    stored: list[dict[str, Any]] = json.loads(json.dumps(pages))
    return stored


@pytest.mark.parametrize(
    ("level", "acts", "looked_at", "headlines"),
    [
        pytest.param(
            one_tier_suffers,
            ACTS,
            (0, 7, 15, 20, 23, 25),
            {"early", "escalate"},
            id="a tier suffers, and everything about the pilot is edited",
        ),
        pytest.param(
            everybody_suffers_at_first,
            STOPPED,
            (7, 12, 14, 15, 16, 18),
            {"stop"},
            id="a stop fires, its numbers come back, people go on and stop all the same",
        ),
    ],
)
def test_every_past_day_is_rebuilt_as_it_was_shown(
    level: Level, acts: Mapping[int, Iterable[Act]], looked_at: tuple[int, ...], headlines: set[str]
) -> None:
    story = Story(level)
    seen: dict[int, list[dict[str, Any]]] = {}

    def look(number: int) -> None:
        if number in looked_at:
            seen[number] = as_stored(shown_live(story, number))

    live(story, look, days=looked_at[-1] + 1, acts=acts)
    for number, pages in seen.items():
        for before, after in zip(pages, as_stored(rebuilt(story, number)), strict=True):
            for part in before:
                assert after[part] == before[part], f"day {number}: {part}"
    # the days differ, or nothing would be proven
    assert len({json.dumps(pages) for pages in seen.values()}) == len(looked_at)
    assert headlines <= {pages[0]["answer"]["verdict"] for pages in seen.values() if pages[0]["answer"]}
    # a longer life asks the database no more often
    assert queries_on(story, looked_at[-1]) <= queries_on(story, looked_at[2])


def queries_on(story: Story, number: int) -> int:
    with CaptureQueriesContext(connection) as captured:
        pilot_page_on(story.pilot, Asked(), day(number))
    return len(captured)


def test_before_it_was_written_down_there_is_nothing_to_show() -> None:
    story = Story()
    live(story, days=1)
    before = Pilot.objects.values().get(), story.pilot.state.evaluation_id
    with pytest.raises(NotThen, match=r"did not exist yet\. It was written down on Sun 1 Mar"):
        pilot_page_on(story.pilot, Asked(), day(-3))
    with pytest.raises(NotThen, match="On Thu 26 Feb this decision did not exist yet"):
        decision_page_on(Decision.objects.get(), day(-3), timezone="UTC")
    assert pilot_page_on(story.pilot, Asked(), day(0)).is_setting_up
    assert before == (Pilot.objects.values().get(), story.pilot.state.evaluation_id)


NOW = datetime(2026, 3, 30, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        pytest.param("", "UTC", None, id="no day is today"),
        pytest.param("2026-03-30", "UTC", None, id="today is no past"),
        pytest.param("2026-03-29", "UTC", NOW.date() - timedelta(days=1), id="yesterday"),
        pytest.param("2026-03-30", "Asia/Tokyo", NOW.date(), id="in Tokyo it is tomorrow already"),
    ],
)
def test_a_day_is_read_in_the_zone_of_the_pilot(text: str, zone: str, expected: object) -> None:
    assert day_asked(text, timezone=zone, now=NOW) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [("2026-03-31", "Tue 31 Mar has not come yet"), ("30.3.2026", "is no day. Write it like 2026-03-29")],
)
def test_a_day_that_is_none_is_refused_in_words(text: str, says: str) -> None:
    with pytest.raises(NotThen, match=says):
        day_asked(text, timezone="UTC", now=NOW)
