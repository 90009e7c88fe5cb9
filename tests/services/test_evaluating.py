from __future__ import annotations

from datetime import timedelta

import pytest

from pilots.evaluation.vocabulary import Verdict
from pilots.models import (
    Alert,
    AlertEvent,
    ConditionState,
    Evaluation,
    Notification,
    Pilot,
    PilotState,
)
from pilots.services.evaluating import evaluate_pilot
from tests.builders import NOON, a_running_pilot

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def judge(pilot: Pilot, *, days: int = 0) -> Verdict:
    return evaluate_pilot(pilot_id=pilot.pk, now=NOON + timedelta(days=days)).verdict


def test_a_pilot_past_its_stop_limit_gets_a_verdict_an_alert_and_one_mail_per_person() -> None:
    pilot = a_running_pilot(mean=24.0)
    assert judge(pilot) is Verdict.STOP
    stop = Alert.objects.get(kind="stop_condition")
    assert stop.status == Alert.Status.OPEN
    assert stop.condition is not None
    assert stop.condition.ref == "S1"
    recipients = stop.notifications.values_list("recipient", flat=True)
    assert sorted(recipients) == ["owner@example.org", "pilot.owner@example.org"]


def test_however_often_the_tick_runs_the_rows_stay_the_same() -> None:
    pilot = a_running_pilot(mean=24.0)
    judge(pilot)
    before = everything()
    for _ in range(3):
        judge(pilot)
    assert everything() == before


def everything() -> dict[str, list[object]]:
    models = (Evaluation, ConditionState, Alert, AlertEvent, Notification)
    rows: dict[str, list[object]] = {m.__name__: list(m.objects.order_by("pk").values()) for m in models}
    rows["state"] = list(
        PilotState.objects.values("verdict", "verdict_since", "evaluation_id", "next_look_at")
    )
    return rows
