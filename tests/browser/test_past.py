"""A pilot's past in a real browser: choosing a day, coming back, reading on along the timeline."""

from __future__ import annotations

import pytest

from pilots.models import Membership, Role
from tests.browser import scenes
from tests.browser.conftest import PICTURES, Visits, sign_in
from tests.browser.test_screenshots import SCHEMES, SIZES
from tests.reports.past_story import Story, day, live

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = {
    "past-pilot": f"/pilots/tiers/?as_of={day(15)}",
    "past-set-up": f"/pilots/tiers/?as_of={day(0)}",
    "past-decision": f"/decisions/tiers-decision/?as_of={day(15)}",
    "past-not-then": f"/pilots/tiers/?as_of={day(-9)}",
    "timeline": "/pilots/tiers/timeline/",
    "timeline-edits": "/pilots/tiers/timeline/?kind=edits",
    "timeline-mistake": f"/pilots/tiers/timeline/?since={day(6)}&to={day(5)}&person=engine",
    "timeline-nothing": "/pilots/tiers/timeline/?kind=reviews&to=2026-01-01",
}


def a_lived_pilot() -> None:
    story = Story()
    live(story, days=20)
    Membership.objects.create(pilot=story.pilot, user=scenes.owner(), role=Role.INFORMED)


def test_a_day_is_chosen_and_left_again(visits: Visits) -> None:
    a_lived_pilot()
    seen = sign_in(visits(script=False))
    page = seen.goto("/pilots/tiers/")
    page.fill("#as_of", day(15).isoformat())
    page.click("form.asof button")
    assert "You see Mon 16 Mar as it was known that evening." in page.inner_text("main")
    page.click("text=By person and day") if page.is_visible("text=By person and day") else page.click(
        "text=Older, and by person and day"
    )
    assert page.url.endswith(f"/timeline/?to={day(15)}")
    page.go_back()
    page.click("text=Back to today")
    assert "as it was known" not in page.inner_text("main")


def test_every_page_of_the_past_fits_its_window(visits: Visits) -> None:
    a_lived_pilot()
    PICTURES.mkdir(parents=True, exist_ok=True)
    wide = []
    for size, width in SIZES.items():
        for scheme in SCHEMES:
            seen = sign_in(visits(width=width, scheme=scheme))
            for name, path in PAGES.items():
                page = seen.goto(path)
                page.screenshot(path=PICTURES / f"{name}-{size}-{scheme}.png", full_page=True)
                if seen.overflow() > 0:
                    wide.append(f"{name} at {width} px by {seen.overflow()} px")
            assert seen.watch.complaints == []
    assert wide == []
