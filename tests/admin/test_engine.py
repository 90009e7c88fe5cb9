"""The engine's page: what is looked for, what is found right now, and when each round ran."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from pilots.models import Notification, Pulse
from pilots.services.pulsing import beat
from tests.admin.test_site import address

PAGE = address(Pulse, "changelist")


def words(client: Client) -> str:
    return " ".join(strip_tags(client.get(PAGE).content.decode()).split())


def test_the_page_says_that_all_is_well(reviewing: Client) -> None:
    for name in settings.PERIODS:
        beat(name, now=timezone.now(), took_ms=7, facts={"done": 0})
    said = words(reviewing)
    assert "Right now nothing is forgotten, stuck or silent." in said
    assert "Rules past their limit without an alert none" in said
    assert "0 done" in said


def test_the_page_names_what_needs_a_look(reviewing: Client) -> None:
    late = timezone.now() - timedelta(hours=1)
    row = Notification.objects.create(recipient="x@example.org", created_at=late, next_try_at=late)
    said = words(reviewing)
    assert "Right now something needs a look." in said
    assert f"Messages that wait for more than 10 minutes 1 message {row.pk}, due" in said
