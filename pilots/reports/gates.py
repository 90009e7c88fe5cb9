"""What keeps a pilot's running stage from being passed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from pilots.evaluation.days import local_day
from pilots.evaluation.vocabulary import ConditionKind, DataState, Severity
from pilots.evaluation.watching import missed_on
from pilots.evaluation.wording import counted
from pilots.models import Alert, Evaluation, Pilot, PilotState, Review
from pilots.reports.readiness import Check, missing_baselines
from pilots.reports.words import day_words

UNUSABLE = {state.value for state in DataState} - {DataState.USABLE.value, DataState.TOO_SMALL.value}
GRAVE = (Severity.SEV1.value, Severity.SEV2.value)


@dataclass(frozen=True, slots=True)
class Ground:
    """What the gates look at. Without `state` it lies in the past: how fresh the check was is not kept."""

    pilot: Pilot
    alerts: Sequence[Alert]
    evaluation: Evaluation | None
    state: PilotState | None
    now: datetime

    @property
    def result(self) -> dict[str, Any]:
        return self.evaluation.result if self.evaluation else {}

    def day(self, instant: datetime) -> date:
        return local_day(instant, self.pilot.timezone)

    @property
    def today(self) -> date:
        return self.day(self.now)


def gates_of(pilot: Pilot, *, now: datetime) -> tuple[Check, ...]:
    """Check what advancing the stage, or scaling up, is refused for. Nothing is judged anew here."""
    state = PilotState.objects.select_related("evaluation").get(pilot=pilot)
    return gates_from(Ground(pilot, list(pilot.alerts.unresolved()), state.evaluation, state, now))


def gates_from(ground: Ground) -> tuple[Check, ...]:
    """Check the gates on what was fetched before."""
    found = ((key, text, where, tuple(find(ground))) for key, text, where, find in GATES)
    return tuple(Check(key, text, not missing, missing, where) for key, text, where, missing in found)


def _alerts(ground: Ground) -> Iterator[str]:
    # A snooze hides nothing: whatever is not resolved is open.
    for alert in ground.alerts:
        if alert.severity in GRAVE or alert.kind == Alert.Kind.STOP_CONDITION:
            yield f"{alert.ref} is open: {alert.sentence}"


def _data(ground: Ground) -> Iterator[str]:
    if ground.evaluation is None:
        yield "The pilot has not been checked yet."
        return
    if ground.state is not None:
        yield from _freshness(ground, ground.state)
    for metric in ground.result.get("metrics", []):
        if metric["state"] in UNUSABLE:
            yield metric["sentence"]


def _freshness(ground: Ground, state: PilotState) -> Iterator[str]:
    checked = state.last_evaluated_at or ground.now
    if checked < ground.now - 2 * timedelta(days=ground.pilot.cadence_days):
        yield f"Not checked since {day_words(ground.day(checked), today=ground.today)}."
    elif state.dirty_seq > state.evaluated_seq:
        yield "Something changed since the last check; the next one is on its way."


def _baselines(ground: Ground) -> Iterable[str]:
    return missing_baselines(ground.pilot)


def _reviews(ground: Ground) -> Iterator[str]:
    reviews = ground.pilot.reviews.all()
    signed = [review.signed_at for review in reviews if review.signed_at is not None]
    for review in reviews:
        made_up = any(ground.day(at) >= review.due_on for at in signed)
        if _is_missed(review, ground.today) and not made_up:
            yield f"The review due on {day_words(review.due_on, today=ground.today)} was missed."


def _is_missed(review: Review, today: date) -> bool:
    if review.status in (Review.Status.SCHEDULED, Review.Status.IN_REVIEW):
        return today >= missed_on(review.due_on)
    return review.status == Review.Status.MISSED


def _stage(ground: Ground) -> Iterator[str]:
    stage = ground.pilot.running_stage
    if stage is None:
        yield "No stage is running."
        return
    day = stage.day_on(ground.today) or 0
    if day < stage.min_days:
        yield f"Day {day} of at least {stage.min_days}."
    sample = _sample(ground.result)
    if sample < stage.min_sample:
        yield f"{sample:,} of at least {counted(stage.min_sample, 'case')} so far."


def _sample(result: dict[str, Any]) -> int:
    """Return the stage's cases at the last check, of the threshold metric that has the fewest."""
    threshold = ConditionKind.THRESHOLD.value
    watched = {c["metric"] for c in result.get("conditions", []) if c["kind"] == threshold}
    return min((m["n"] for m in result.get("metrics", []) if m["ref"] in watched), default=0)


Find = Callable[[Ground], Iterable[str]]
GATES: tuple[tuple[str, str, str, Find], ...] = (
    ("alerts", "No stop condition and no SEV1 or SEV2 alert is open", "alerts", _alerts),
    ("data", "The readings are complete and checked", "data", _data),
    ("baselines", "Every baseline is final", "baselines", _baselines),
    ("reviews", "No review was missed", "reviews", _reviews),
    ("stage", "The stage ran as long as planned, on enough cases", "stages", _stage),
)
