"""The admin in a real browser: nothing is refused by the page's own security policy."""

from __future__ import annotations

import pytest

from pilots.models import Pilot, User
from tests.browser.conftest import Visit, Visits
from tests.builders import a_driver, a_running_pilot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SECRET = "bright-kettle-41"


@pytest.fixture
def pilot() -> Pilot:
    pilot = a_running_pilot()
    a_driver(pilot)
    return pilot


def sign_in_to_admin(visit: Visit) -> Visit:
    User.objects.filter(email="root@example.org").exists() or User.objects.create_superuser(
        "root@example.org", SECRET
    )
    page = visit.goto("/admin/")
    page.fill("#id_username", "root@example.org")
    page.fill("#id_password", SECRET)
    page.click("main button[type=submit]")
    page.wait_for_selector("text=Review and history")
    return visit


@pytest.mark.parametrize("width", [1280, 390])
def test_pages_fit_their_window_and_break_no_rule(visits: Visits, pilot: Pilot, width: int) -> None:
    seen = sign_in_to_admin(visits(width=width))
    stop = pilot.conditions.get(ref="S1")
    for path in (
        "",
        "pilots/condition/",
        "pilots/pulse/",
        f"pilots/pilot/{pilot.pk}/change/",
        f"pilots/condition/{stop.pk}/history/",
        "pilots/user/add/",
    ):
        seen.goto(f"/admin/{path}")
        assert seen.overflow() <= 0, path
    assert seen.watch.complaints == []


def test_a_rule_is_added_by_looking_its_pilot_up(visits: Visits, pilot: Pilot) -> None:
    seen = sign_in_to_admin(visits())
    page = seen.goto("/admin/pilots/condition/add/")
    for field, typed in (("pilot", "tiers"), ("metric", "resolution")):
        page.click(f".field-{field} .select2-selection")
        page.keyboard.type(typed)
        page.click(".select2-results__option--highlighted")
    page.select_option("#id_kind", "stop_condition")
    page.fill("#id_ref", "S2")
    page.fill("#id_rationale", "Nobody should wait that long.")
    page.select_option("#id_comparison", "above")
    page.fill("#id_limit", "60")
    page.click("input[name=_save]")
    page.wait_for_selector("text=Say why: the pilot has started.")
    page.fill("#id_reason", "Two complaints this week")
    page.click("input[name=_save]")
    page.wait_for_selector(".messagelist .success")
    assert pilot.conditions.get(ref="S2").history.get().history_change_reason == "Two complaints this week"
    assert seen.watch.complaints == []
