"""The chart of a mail that no look caused: drawn from what it shows, and read for no other."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pilots.evaluation.moments import Moments
from pilots.evaluation.specs import Reading
from pilots.models import Alert, Metric, Observation, Pilot
from pilots.services.charting import chart_of
from pilots.services.occasions import chart_for, occasion_of
from pilots.services.recording import record_readings
from tests.builders import a_metric, a_running_pilot, an_alert, readings
from tests.services.stories import day, end_of, judge

pytestmark = [pytest.mark.django_db, pytest.mark.database]
NOW = end_of(28)


@pytest.fixture
def pilot() -> Pilot:
    """Past its escalation trigger, with readings of another metric beside it."""
    pilot = a_running_pilot(mean=21.6)
    readings(a_metric(pilot, "reopened", name="Reopened"), mean=3.0)
    judge(pilot, 28)
    return pilot


@pytest.fixture
def alert(pilot: Pilot) -> Alert:
    return pilot.alerts.get(kind="escalation_trigger")


def put_right(metric: Metric, at: datetime) -> None:
    """A number of the third day is corrected."""
    reading = Reading(metric.ref, day(3), "low", Moments(25, 25 * 30.0, 25 * 916.0), at)
    why: dict[str, Any] = {"by": None, "source": "story", "correction_reason": "miscounted"}
    record_readings(pilot_id=metric.pilot_id, rows=[reading], now=at, **why)


def test_the_chart_is_the_one_that_all_readings_give(alert: Alert) -> None:
    occasion, rule = occasion_of(alert, NOW), alert.condition
    assert rule is not None
    every = Observation.objects.readings_known(alert.pilot_id, NOW)
    assert {reading.metric for reading in every} == {"resolution_hours", "reopened"}
    chart = chart_for(alert, occasion)
    assert chart.count("<circle") == 27
    assert chart == chart_of(occasion.pilot, rule.ref, alert.scope, every, now=NOW)


def test_only_readings_of_its_own_metric_are_read(alert: Alert) -> None:
    assert alert.condition is not None
    metric_id, occasion = alert.condition.metric_id, occasion_of(alert, NOW)
    with CaptureQueriesContext(connection) as asked:
        chart_for(alert, occasion)
    read = [query["sql"] for query in asked if "FROM " in query["sql"]]
    assert len(read) == 2
    assert all(f'"metric_id" = {metric_id}' in sql for sql in read)


def test_a_metric_is_known_alone_also_as_it_was_before_it_was_put_right(pilot: Pilot) -> None:
    metric = pilot.metrics.get(ref="resolution_hours")
    before = Observation.objects.readings_known(pilot.pk, NOW, metric_id=metric.pk)
    put_right(metric, end_of(29))
    known = Observation.objects.readings_known
    assert {r.key: r.moments for r in known(pilot.pk, NOW, metric_id=metric.pk)} == {
        r.key: r.moments for r in before
    }
    assert known(pilot.pk, end_of(29), metric_id=metric.pk) != before
    assert len(before) == 54


def test_where_there_is_no_line_to_draw_nothing_is_read(pilot: Pilot) -> None:
    pilot.conditions.filter(ref="S1").update(scope="gap:severity")
    alert = an_alert(pilot)
    occasion = occasion_of(alert, NOW)
    with CaptureQueriesContext(connection) as asked:
        assert chart_for(alert, occasion) == ""
    assert not asked.captured_queries
