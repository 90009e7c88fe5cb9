"""What happens to a pilot in a story: days pass, readings come late or are put right, it is judged."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from pilots.evaluation.moments import Moments
from pilots.evaluation.results import PilotResult
from pilots.evaluation.specs import Reading
from pilots.models import (
    Alert,
    AlertEvent,
    ConditionState,
    Evaluation,
    Metric,
    Notification,
    Pilot,
    PilotState,
)
from pilots.services.evaluating import evaluate_pilot
from pilots.services.recording import record_readings
from tests.builders import START, segments_of

NIGHT = time(23, 0)


def end_of(number: int) -> datetime:
    """The late evening of a day of the pilot, counted from 1."""
    return datetime.combine(day(number), NIGHT, UTC)


def day(number: int) -> date:
    return START + timedelta(days=number - 1)


def judge(pilot: Pilot, number: int) -> PilotResult:
    """Judge a pilot in the late evening of a day, its readings of that day included."""
    return evaluate_pilot(pilot_id=pilot.pk, now=end_of(number))


def record(
    metric: Metric, *, mean: float, days: tuple[int, int], known: int | None = None, n: int = 25
) -> None:
    """Record a reading a day and segment, day by day, each known in its evening or at `known`."""
    first, last = days
    rows = []
    for number in range(first, last + 1):
        moments = Moments(n, n * mean, n * (mean**2 + 16.0))
        as_of = end_of(known or number) - timedelta(hours=1)
        rows += [Reading(metric.ref, day(number), s, moments, as_of) for s in segments_of(metric.pilot)]
    now = end_of(known or last)
    record_readings(pilot_id=metric.pilot_id, rows=rows, by=None, source="story", now=now)


def everything() -> dict[str, list[object]]:
    """Every row the engine writes."""
    models = (Evaluation, ConditionState, Alert, AlertEvent, Notification)
    rows: dict[str, list[object]] = {m.__name__: list(m.objects.order_by("pk").values()) for m in models}
    rows["PilotState"] = list(
        PilotState.objects.order_by("pk").values("verdict", "verdict_since", "evaluation_id", "next_look_at")
    )
    return rows


def told(alert: Alert, kind: str) -> list[str]:
    """Who has a mail about that turn of an alert."""
    mails = alert.notifications.filter(event__kind=kind).exclude(state="cancelled")
    return sorted(mails.values_list("recipient", flat=True))


def turns(alert: Alert) -> list[str]:
    return list(alert.events.order_by("pk").values_list("kind", flat=True))
