"""The engine's own pulse: one row per kind of round, written in one statement."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pilots.models import Pulse
from pilots.services.pulsing import beat
from tests.builders import NOON

pytestmark = pytest.mark.django_db


def test_a_round_writes_over_the_one_before_it_in_one_statement() -> None:
    beat("evaluate", now=NOON, took_ms=12, facts={"done": 3})
    with CaptureQueriesContext(connection) as queries:
        beat("evaluate", now=NOON + timedelta(minutes=1), took_ms=0, facts={"done": 0})
    pulse = Pulse.objects.get()
    assert (pulse.at, pulse.took_ms, pulse.facts) == (NOON + timedelta(minutes=1), 0, {"done": 0})
    assert sum("INSERT" in query["sql"] for query in queries) == 1
    assert len([q for q in queries if "SAVEPOINT" not in q["sql"]]) == 1


def test_rounds_of_another_kind_keep_their_own_row() -> None:
    beat("evaluate", now=NOON, took_ms=1, facts={})
    beat("deliver", now=NOON, took_ms=1, facts={})
    assert sorted(Pulse.objects.values_list("name", flat=True)) == ["deliver", "evaluate"]
