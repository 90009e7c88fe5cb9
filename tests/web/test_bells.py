"""Whoever changes something rings for the engine; whoever looks, or is refused, does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from pilots.models import ImportJob, Pilot, User
from pilots.tasks import ring_evaluation, ring_imports
from tests.builders import START, a_decision, a_metric, a_pilot
from tests.services.uploads import HEADER, a_file, a_row

pytestmark = pytest.mark.django_db

Rung = Callable[..., list[object]]


@pytest.fixture
def pilot(owner: User) -> Pilot:
    return a_metric(a_pilot(decision=a_decision(owner=owner))).pilot


@pytest.fixture
def rung(client: Client, owner: User, django_capture_on_commit_callbacks: Any) -> Rung:
    """Send a form and return what is rung on commit."""
    client.force_login(owner)

    def send(page: str, *args: object, **fields: object) -> list[object]:
        with django_capture_on_commit_callbacks() as bells:
            client.post(reverse(page, args=args), fields)
        return list(bells)

    return send


def test_rows_that_are_stored_ring_once_for_the_verdict(rung: Rung, pilot: Pilot) -> None:
    rung("readings-new", pilot.ref, rows=HEADER + a_row())
    assert rung("readings-job", pilot.ref, ImportJob.objects.get().pk, act="store") == [ring_evaluation]


def test_a_long_file_rings_for_who_carries_it_in(rung: Rung, pilot: Pilot) -> None:
    rung("readings-new", pilot.ref, rows=a_file(2_500, first=START.replace(year=2020)))
    assert ring_imports in rung("readings-job", pilot.ref, ImportJob.objects.get().pk, act="store")


def test_an_edit_rings_and_one_that_is_refused_does_not(rung: Rung, pilot: Pilot) -> None:
    typed = {
        "metric": "resolution_hours",
        "day": START,
        "segment": "low",
        "arm": "pilot",
        "n": 2,
        "total": 40,
    }
    assert rung("reading-new", pilot.ref, **typed) == []
    assert rung("reading-new", pilot.ref, **typed, spread=1) == [ring_evaluation]
    metric = {"name": "", "kind": "mean"}
    assert rung("setup-row-new", pilot.ref, "metrics", **metric) == []
