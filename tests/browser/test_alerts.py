"""From the mail of a stop to the decision, in a real browser and without script."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from pilots.models import Alert, AlertEvent, Continuance, User
from tests.browser import scenes
from tests.browser.conftest import Visits, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DAY = timedelta(days=1)


def stop_alert() -> Alert:
    scenes.stopping()
    return Alert.objects.get(kind=Alert.Kind.STOP_CONDITION)


def mailed_link(alert: Alert, reader: User) -> str:
    """The address behind the button of the mail that told this person first."""
    letter = alert.notifications.get(user=reader, event__kind=AlertEvent.Kind.OPENED)
    found = re.search(r"http\S+/acknowledge/\S+", letter.text)
    assert found
    assert found[0] in letter.html
    return found[0]


def test_from_the_mail_of_a_stop_to_the_decision(visits: Visits) -> None:
    alert = stop_alert()
    seen = visits(script=False)

    page = seen.goto(urlsplit(mailed_link(alert, scenes.owner())).path)
    assert "You answer as Mei Tanaka." in page.inner_text("main")
    alert.refresh_from_db()
    assert alert.status == Alert.Status.OPEN
    page.get_by_role("button", name="Acknowledge this alert").click()
    assert "You have it, Mei Tanaka." in page.inner_text("main")
    alert.refresh_from_db()
    assert alert.owner == scenes.owner()

    sign_in(seen)
    page.get_by_role("link", name="Alerts").first.click()
    page.get_by_role("link", name=f"Decide {alert.ref}").click()
    page.get_by_text("Snooze", exact=True).first.click()
    too_long = timezone.localtime() + 30 * DAY
    page.get_by_label("Until", exact=True).fill(f"{too_long:%Y-%m-%dT%H:%M}")
    page.get_by_label("Why can it wait?").fill("The season is over soon")
    page.get_by_role("button", name="Snooze").click()
    assert "SEV2 can wait 3 days at most." in page.inner_text("main")
    assert page.get_by_label("Why can it wait?").input_value() == "The season is over soon"

    until = timezone.localdate() + 14 * DAY
    page.get_by_text("Go on", exact=True).first.click()
    page.get_by_label("Why do you go on?").fill("One outage explains the week")
    page.get_by_label("Go on until").fill(until.isoformat())
    page.get_by_role("button", name="Go on").click()
    assert "Decided: the pilot goes on." in page.inner_text("main")
    assert "Mei Tanaka decided to go on" in page.inner_text("main")
    assert (Continuance.objects.get().until, Continuance.objects.get().by) == (until, scenes.owner())
    assert seen.watch.complaints == []


def test_the_queue_is_answered_by_thumb(visits: Visits) -> None:
    alert = stop_alert()
    seen = sign_in(visits(width=390))
    page = seen.goto("/alerts/")
    button = page.get_by_role("button", name=f"Acknowledge {alert.ref}", exact=True)
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    button.click()
    assert "You have it now." in page.inner_text("main")
    assert seen.overflow() <= 0
    assert seen.watch.complaints == []
