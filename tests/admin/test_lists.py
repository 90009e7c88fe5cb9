"""A list costs the same number of queries whether it shows few rows or many."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pilots.models import ApiToken, Framework, Notification, Pilot
from tests.admin.conftest import one_of_what_the_engine_writes
from tests.admin.test_site import OURS, address, named
from tests.builders import NOON, a_driver, a_person, a_review, a_running_pilot


def some_more(first: int, last: int) -> None:
    """Pilots with all they bring: their decisions, rules, readings, alerts and mails."""
    for number in range(first, last):
        pilot = a_running_pilot(f"pilot-{number}", days=2)
        a_driver(pilot)
        a_review(pilot)
        Notification.objects.update(message_id=models.F("pk"))
        one_of_what_the_engine_writes(pilot)
        Framework.objects.create(code=f"F{number}", name_en="A template")
        life = {"created_at": NOON, "expires_at": NOON + timedelta(days=90)}
        ApiToken.objects.create(user=a_person(), name="Help desk", key_id=f"k{number}", **life)


def test_lists_cost_the_same_at_three_and_at_thirty_rows(reviewing: Client, everything: Pilot) -> None:
    def costs() -> dict[str, int]:
        counted = {}
        for model in OURS:
            with CaptureQueriesContext(connection) as queries:
                assert reviewing.get(address(model, "changelist")).status_code == 200
            counted[named(model)] = len(queries)
        return counted

    some_more(0, 2)
    costs()  # content types and the like are kept from here on
    few = costs()
    some_more(2, 30)
    assert costs() == few
    assert max(few.values()) <= 25
