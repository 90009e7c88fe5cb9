"""A new owner goes from nothing to a running pilot, by what the pages themselves send."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from pilots.models import Condition, Decision, Driver, Metric, Pilot, Stage, User

pytestmark = pytest.mark.django_db


def send(client: Client, page: str, /, *args: Any, query: str = "", **fields: Any) -> None:
    """Send a form and go on only where it was taken: a page that comes back shows what is wrong."""
    answer = client.post(reverse(page, args=args) + query, fields)
    assert answer.status_code == 302, answer.content.decode()


def test_a_new_owner_takes_a_decision_and_starts_its_pilot(client: Client, owner: User) -> None:
    client.force_login(owner)
    decision = write_the_decision(client)
    pilot = set_up_the_pilot(client, decision)
    measure(client, pilot)
    agree_on_limits(client, pilot)
    send(client, "pilot-setup", pilot.ref, "reviews", on=today(28).isoformat(), every_days="28")

    send(client, "pilot-move", pilot.ref, "ready")
    send(client, "pilot-move", pilot.ref, "start")

    pilot.refresh_from_db()
    assert pilot.status == Pilot.Status.RUNNING
    assert pilot.stages.get().status == Stage.Status.RUNNING
    assert [move.actor for move in pilot.moves.filter(stage=None)] == ["Olive Owner", "Olive Owner"]
    assert Decision.objects.get().status == Decision.Status.PILOTING


def write_the_decision(client: Client) -> Decision:
    options = {
        "option-TOTAL_FORMS": "3",
        "option-INITIAL_FORMS": "3",
        "option-0-key": "A",
        "option-0-title": "Keep one queue",
        "option-0-rejected_because": "It costs more each year",
        "option-1-key": "B",
        "option-1-title": "Pilot tiers in stages",
        "option-2-key": "C",
        "option-2-title": "Redesign support",
        "chosen": "B",
    }
    people = {"owner": "owner@example.org", "deputy": "deputy@example.org", "informed": "board@example.org"}
    words = {"title": "Support tiers", "statement": "Pilot in stages.", "rationale": "Learn first."}
    rest = {"reversibility": "easy", "quality": "draft", "confidence": "70"}
    send(client, "decision-new", **options, **people, **words, **rest)
    decision = Decision.objects.get()
    send(client, "decision-move", decision.ref, "propose", reason="Ready for the board")
    send(client, "decision-move", decision.ref, "decide", reason="The board agrees")
    return decision


def set_up_the_pilot(client: Client, decision: Decision) -> Pilot:
    basics = {
        "title": "Tiers in Japan",
        "timezone": "Asia/Tokyo",
        "start": today().isoformat(),
        "end": today(90).isoformat(),
        "cadence_days": "1",
        "dimensions": "severity: low, high",
    }
    send(client, "pilot-new", decision.ref, **basics)
    pilot = Pilot.objects.get()
    people = {"pilot_owner": "owner@example.org", "reviewer": "rita@example.org"}
    send(client, "pilot-setup", pilot.ref, "people", **people)
    stage = {"name": "first accounts", "exposure_share": "10 %", "min_days": "14", "min_sample": "200"}
    send(client, "setup-row-new", pilot.ref, "stages", **stage)
    assert pilot.stages.get().exposure_share == pytest.approx(0.1)
    return pilot


def measure(client: Client, pilot: Pilot) -> None:
    metric = {
        "name": "Resolution time",
        "unit": "h",
        "direction": "lower_is_better",
        "kind": "mean",
        "window_days": "7",
        "cadence_days": "1",
        "maturity_days": "0",
        "owner": "data@example.org",
    }
    send(client, "setup-row-new", pilot.ref, "metrics", **metric)
    saved = Metric.objects.get()
    assert saved.ref == "resolution_time"
    send(client, "readings-new", pilot.ref, rows=rows_before(pilot))
    send(client, "readings-job", pilot.ref, pilot.import_jobs.get().pk, act="store")
    window = {"first_day": today(-28).isoformat(), "last_day": today(-2).isoformat()}
    send(client, "baseline-window", pilot.ref, saved.pk, **window)
    send(client, "baseline-final", pilot.ref, saved.pk)
    assert saved.baselines.get().value == pytest.approx(20.0)
    driver = {
        "name": "Severity mix",
        "dimension": "severity",
        "update_rule": "Counted",
        "update_every_days": "7",
    }
    send(client, "setup-row-new", pilot.ref, "drivers", **driver, required="on")
    assert Driver.objects.get().baseline_mix == {"low": 0.5, "high": 0.5}


def rows_before(pilot: Pilot) -> str:
    days = [today(-offset) for offset in range(2, 29)]
    rows = [f"{day},,pilot,{kind},resolution_time,10,200,4100" for day in days for kind in ("low", "high")]
    return "\r\n".join(["observed_on,as_of,arm,segment,metric,n,sum,sum_sq", *rows])


def agree_on_limits(client: Client, pilot: Pilot) -> None:
    watch = {"watch": f"metric:{pilot.metrics.get().pk}", "scope": "overall", "rationale": "Agreed in March"}
    finer = {"sustained_periods": "1", "sustained_days": "0", "recover_periods": "3"}
    for kind, when, limit in (
        ("threshold", "improve_by", "5 %"),
        ("stop_condition", "worsen_by", "10"),
        ("escalation_trigger", "worsen_by", "5%"),
    ):
        rule = {"when": when, "limit": limit, "severity": "SEV2", "told": ["decision_owner"]}
        send(client, "setup-row-new", pilot.ref, "limits", query=f"?kind={kind}", **watch, **finer, **rule)
    limits = dict(Condition.objects.values_list("ref", "limit"))
    assert limits == {"T1": pytest.approx(0.05), "S1": pytest.approx(0.1), "E1": pytest.approx(0.05)}


def today(days: int = 0) -> date:
    now: datetime = timezone.now() + timedelta(days=days)
    return now.date()
