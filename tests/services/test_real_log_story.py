"""The real ticket log, judged day by day as it became known."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from pilots.models import Alert, Evaluation, Notification
from tests.management.running import run

pytestmark = [pytest.mark.django_db, pytest.mark.reallog]

PILOT = """
version: 1
decision: {ref: ticket-desk, title: Ticket desk, statement: Try the new routing first.,
  options: [{key: A, title: Keep}, {key: B, title: Pilot in stages, chosen: true}]}
pilot:
  ref: ticket-desk
  title: Ticket desk
  start: 2016-05-16
  end: 2016-06-30
  people: {decision_owner: dora@example.org, pilot_owner: pete@example.org, reviewer: rita@example.org,
    metric_owner: mia@example.org, informed: [ines@example.org]}
  dimensions: {priority: [critical, high, moderate, low]}
  stages: [{name: every ticket, exposure: 100 %}]
metrics:
  - {ref: resolution_hours, name: Resolution time, unit: h, direction: lower_is_better, kind: mean,
     maturity_days: 14, baseline: {from: 2016-03-07, to: 2016-05-01}}
thresholds: [{ref: T1, metric: resolution_hours, improve_by: 5 %, rationale: Felt by customers.}]
stop_conditions: [{ref: S1, metric: resolution_hours, above: 5000, rationale: Nobody waits that long.}]
escalation_triggers:
  - {ref: E1, metric: resolution_hours, above: 24, severity: SEV3, notify: [decision_owner, informed],
     rationale: A day is what we promised.}
reviews: {first: 2016-06-06, every_days: 28}
"""
MAP = """
case: number
opened: opened_at
dimensions:
  priority: {column: priority,
    rename: {1 - Critical: critical, 2 - High: high, 3 - Moderate: moderate, 4 - Low: low}}
metrics:
  resolution_hours: {hours_between: [opened_at, resolved_at], known: resolved_at}
"""
FIRST, LAST = date(2016, 5, 16), date(2016, 6, 20)


@pytest.fixture
def pilot_of_the_log(tmp_path: Path, real_log: Path) -> None:
    (tmp_path / "pilot.yaml").write_text(PILOT)
    (tmp_path / "map.yaml").write_text(MAP)
    steps = (
        ("import_pilot", tmp_path / "pilot.yaml"),
        ("import_events", real_log, "--pilot", "ticket-desk", "--map", tmp_path / "map.yaml"),
        ("import_pilot", tmp_path / "pilot.yaml", "--start"),
    )
    for step in steps:
        done = run(*step)
        assert done.code == 0, done.err


@pytest.mark.usefixtures("pilot_of_the_log")
def test_a_limit_set_to_be_crossed_gives_one_alert_and_one_mail_each_however_often_it_ticks() -> None:
    headlines = {}
    day = FIRST
    while day <= LAST:
        for _ in range(2):
            done = run("evaluate", "ticket-desk", "--as-of", day, "--json")
            assert done.code == 0, done.err
            headlines[day] = done.document["pilots"][0]["verdict"]
        day += timedelta(days=1)

    alert = Alert.objects.get(kind="escalation_trigger")
    told = Notification.objects.filter(alert=alert, event__kind="opened").order_by("recipient")
    assert [mail.recipient for mail in told] == ["dora@example.org", "ines@example.org"]
    assert headlines[FIRST] in ("early", "cannot_tell")
    assert headlines[alert.opened_at.date()] == "escalate"
    before = [verdict for day, verdict in headlines.items() if day < alert.opened_at.date()]
    assert "escalate" not in before
    assert Evaluation.objects.count() <= len(headlines)


@pytest.mark.usefixtures("pilot_of_the_log")
def test_the_days_judged_one_by_one_are_the_days_of_the_backtest() -> None:
    replayed = run("backtest", "ticket-desk", "--json", "--to", LAST)
    expected = {day["as_of"]: day["verdict"] for day in json.loads(replayed.out)["days"]}
    for offset in range(0, (LAST - FIRST).days + 1, 7):
        day = FIRST + timedelta(days=offset)
        judged = run("evaluate", "ticket-desk", "--as-of", day, "--json").document["pilots"][0]
        assert judged["verdict"] == expected[day.isoformat()], day
