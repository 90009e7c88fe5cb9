"""What keeps a pilot's running stage from being passed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q

from pilots.evaluation.days import local_day
from pilots.evaluation.vocabulary import ConditionKind, DataState, Severity
from pilots.evaluation.watching import missed_on
from pilots.evaluation.wording import counted
from pilots.models import Alert, Pilot, PilotState, Review
from pilots.reports.readiness import Check, missing_baselines
from pilots.reports.words import day_words

UNUSABLE = {state.value for state in DataState} - {DataState.USABLE.value, DataState.TOO_SMALL.value}


def gates_of(pilot: Pilot, *, now: datetime) -> tuple[Check, ...]:
    """Check what advancing the stage, or scaling up, is refused for. Nothing is judged anew here."""
    found = ((key, text, where, tuple(find(pilot, now))) for key, text, where, find in GATES)
    return tuple(Check(key, text, not missing, missing, where) for key, text, where, missing in found)


def _alerts(pilot: Pilot, _: datetime) -> Iterator[str]:
    grave = Q(severity__in=(Severity.SEV1.value, Severity.SEV2.value))
    # A snooze hides nothing: whatever is not resolved is open.
    for alert in pilot.alerts.unresolved().filter(grave | Q(kind=Alert.Kind.STOP_CONDITION)):
        yield f"{alert.ref} is open: {alert.sentence}"


def _data(pilot: Pilot, now: datetime) -> Iterator[str]:
    state = PilotState.objects.select_related("evaluation").get(pilot=pilot)
    if state.evaluation is None or state.last_evaluated_at is None:
        yield "The pilot has not been checked yet."
        return
    if state.last_evaluated_at < now - 2 * timedelta(days=pilot.cadence_days):
        yield f"Not checked since {day_words(_day(pilot, state.last_evaluated_at), today=_day(pilot, now))}."
    elif state.dirty_seq > state.evaluated_seq:
        yield "Something changed since the last check; the next one is on its way."
    for metric in state.evaluation.result.get("metrics", []):
        if metric["state"] in UNUSABLE:
            yield metric["sentence"]


def _baselines(pilot: Pilot, _: datetime) -> Iterable[str]:
    return missing_baselines(pilot)


def _reviews(pilot: Pilot, now: datetime) -> Iterator[str]:
    today = _day(pilot, now)
    signed = [review.signed_at for review in pilot.reviews.all() if review.signed_at is not None]
    for review in pilot.reviews.all():
        made_up = any(_day(pilot, at) >= review.due_on for at in signed)
        if _is_missed(review, today) and not made_up:
            yield f"The review due on {day_words(review.due_on, today=today)} was missed."


def _is_missed(review: Review, today: date) -> bool:
    if review.status in (Review.Status.SCHEDULED, Review.Status.IN_REVIEW):
        return today >= missed_on(review.due_on)
    return review.status == Review.Status.MISSED


def _stage(pilot: Pilot, now: datetime) -> Iterator[str]:
    stage = pilot.running_stage
    if stage is None:
        yield "No stage is running."
        return
    day = stage.day_on(_day(pilot, now)) or 0
    if day < stage.min_days:
        yield f"Day {day} of at least {stage.min_days}."
    sample = _sample(pilot)
    if sample < stage.min_sample:
        yield f"{sample:,} of at least {counted(stage.min_sample, 'case')} so far."


def _sample(pilot: Pilot) -> int:
    """Return the stage's cases at the last check, of the threshold metric that has the fewest."""
    evaluation = PilotState.objects.select_related("evaluation").get(pilot=pilot).evaluation
    result: dict[str, Any] = evaluation.result if evaluation else {}
    threshold = ConditionKind.THRESHOLD.value
    watched = {c["metric"] for c in result.get("conditions", []) if c["kind"] == threshold}
    return min((m["n"] for m in result.get("metrics", []) if m["ref"] in watched), default=0)


def _day(pilot: Pilot, instant: datetime) -> date:
    return local_day(instant, pilot.timezone)


Find = Callable[[Pilot, datetime], Iterable[str]]
GATES: tuple[tuple[str, str, str, Find], ...] = (
    ("alerts", "No stop condition and no SEV1 or SEV2 alert is open", "alerts", _alerts),
    ("data", "The readings are complete and checked", "data", _data),
    ("baselines", "Every baseline is final", "baselines", _baselines),
    ("reviews", "No review was missed", "reviews", _reviews),
    ("stage", "The stage ran as long as planned, on enough cases", "stages", _stage),
)
