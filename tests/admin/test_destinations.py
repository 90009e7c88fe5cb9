"""Places outside that take messages: their secret is made in the admin and shown once."""

from __future__ import annotations

import pytest
from django.test import Client

from pilots.models import Destination
from tests.admin.test_site import address
from tests.builders import a_person


@pytest.fixture
def place(db: None) -> Destination:
    return Destination.objects.create(name="ops", channel="webhook", url="https://hooks.example.org/1")


def make_secret(client: Client, place: Destination) -> str:
    chosen = {"action": "make_a_new_secret", "_selected_action": [place.pk]}
    return client.post(address(Destination, "changelist"), chosen, follow=True).content.decode()


def test_who_runs_the_product_makes_a_secret_and_sees_it_once(client: Client, place: Destination) -> None:
    client.force_login(a_person("root@example.org", is_staff=True, is_superuser=True))
    page = make_secret(client, place)
    place.refresh_from_db()
    assert place.secret.startswith("whsec_")
    assert place.secret in page
    for shown in ("changelist", "change", "history"):
        again = address(Destination, shown, *([] if shown == "changelist" else [place.pk]))
        assert place.secret not in client.get(again).content.decode()


def test_who_may_only_look_makes_none(reviewing: Client, place: Destination) -> None:
    make_secret(reviewing, place)
    place.refresh_from_db()
    assert place.secret == ""
