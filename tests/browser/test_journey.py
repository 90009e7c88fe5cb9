"""One person's way through the pages in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from pilots.models import Decision
from tests.browser import scenes
from tests.browser.conftest import Visits, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_sign_in_portfolio_pilot_decision(visits: Visits) -> None:
    scenes.escalating()
    seen = sign_in(visits())
    page = seen.page
    assert page.title() == "Pilots · Staged pilots"
    page.get_by_role("link", name="Support tier segmentation", exact=True).click()
    assert page.locator(".answer .verdict").inner_text() == "Escalate"
    page.get_by_role("link", name="Standard", exact=True).click()
    assert "segment=tier%3Dstandard" in page.url
    page.get_by_text("The same as a table").click()
    assert page.get_by_role("table").first.is_visible()
    page.locator(".head").get_by_role("link", name="support-tiers-decision").click()
    assert page.locator("article.sheet h1").is_visible()
    assert seen.watch.complaints == []


def test_the_pages_work_without_script(visits: Visits) -> None:
    scenes.stopping()
    page = sign_in(visits(script=False)).page
    page.select_option("#verdict", "stop")
    page.get_by_role("button", name="Show").click()
    assert "verdict=stop" in page.url
    page.get_by_role("link", name="Chat-first routing for billing", exact=True).click()
    assert page.locator("h1").inner_text() == "Chat-first routing for billing"


def test_the_appearance_a_person_chose_stays(visits: Visits) -> None:
    scenes.owner()
    seen = sign_in(visits())
    light = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
    seen.page.select_option("#theme", "dark")
    seen.page.get_by_role("button", name="Save").click()
    seen.goto("/alerts/")
    assert seen.page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    assert seen.watch.complaints == []


def test_everything_can_be_reached_by_keyboard(visits: Visits) -> None:
    scenes.stopping()
    seen = sign_in(visits())
    page = seen.goto("/pilots/chat-first/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_a_decision_prints_on_one_sheet(visits: Visits, tmp_path: Path) -> None:
    scenes.escalating()
    scenes.one_pager(Decision.objects.get(ref="support-tiers-decision"))
    seen = sign_in(visits())
    seen.goto("/decisions/support-tiers-decision/")
    printed = tmp_path / "decision.pdf"
    seen.page.pdf(path=printed, format="A4", prefer_css_page_size=True)
    assert printed.read_bytes().count(b"/Type /Page\n") == 1
