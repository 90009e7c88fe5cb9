"""What the calendar trips: a review or a stage past its day, and the risks that watch for such things."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pilots.evaluation.signals import Signal, SignalKind, Standing
from pilots.evaluation.vocabulary import Severity
from pilots.evaluation.wording import counted, on

MISSED_AFTER = timedelta(days=7)
DATA_STATE, STAGE_OVERDUE, REVIEW_OVERDUE = "data_state", "stage_overdue", "review_overdue"
QUIET_AGAIN = {
    DATA_STATE: "Every metric has its readings again.",
    STAGE_OVERDUE: "No stage is past its planned end any more.",
    REVIEW_OVERDUE: "No review is overdue any more.",
}


@dataclass(frozen=True, slots=True)
class PlannedReview:
    """One review. `signed_on` is the day on which it, or a later one in its place, was signed."""

    key: int
    name: str
    due_on: date
    reviewer: str = ""
    signed_on: date | None = None
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class PlannedStage:
    """One stage that has begun. Without a planned end it is never late."""

    order: int
    name: str
    planned_end: date | None
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class WatchedRisk:
    """A risk, what shows it (a data state, a stage or a review overdue, or nothing) and what is done then."""

    key: int
    text: str
    signal: str
    response: str = ""
    is_small: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What a pilot has planned, and what its looks say of missing data, a sentence each.

    A pilot that is not under way has ended: nothing of it can be held up any more.
    """

    reviews: Sequence[PlannedReview] = ()
    stages: Sequence[PlannedStage] = ()
    risks: Sequence[WatchedRisk] = ()
    missing_data: Sequence[str] = ()
    is_under_way: bool = True


def missed_on(due_on: date) -> date:
    """Return the day from which an unsigned review counts as missed."""
    return due_on + MISSED_AFTER


def planned_signals(plan: Plan, *, today: date) -> tuple[Signal, ...]:
    """Return one signal for each review, stage and risk, raised or over; `today` is the pilot's own day."""
    reviews = [_of_review(review, today, plan.is_under_way) for review in plan.reviews]
    stages = [_of_stage(stage, today) for stage in plan.stages]
    shown = {
        DATA_STATE: plan.missing_data,
        STAGE_OVERDUE: _raised(stages),
        REVIEW_OVERDUE: _raised(reviews),
    }
    return (*reviews, *stages, *(_of_risk(risk, shown.get(risk.signal, ())) for risk in plan.risks))


def _raised(signals: Sequence[Signal]) -> list[str]:
    """Return the first fact of each signal that is raised."""
    return [s.sentence.split(". ")[0] + "." for s in signals if s.standing is Standing.RAISED]


def _of_review(review: PlannedReview, today: date, is_under_way: bool) -> Signal:
    late = (today - review.due_on).days
    raised = late > 0 and review.signed_on is None and not review.is_cancelled
    missed = raised and is_under_way and today >= missed_on(review.due_on)
    return Signal(
        kind=SignalKind.REVIEW_OVERDUE,
        standing=Standing.RAISED if raised else Standing.OVER,
        severity=Severity.SEV2 if missed else Severity.SEV3,
        sentence=_late_words(review, today, is_under_way) if raised else _settled_words(review),
        scope=f"review:{review.key}",
        value=float(late) if raised else None,
        facts={"days_late": max(late, 0)},
        rule={"review": review.name, "due_on": review.due_on.isoformat(), "reviewer": review.reviewer},
    )


def _late_words(review: PlannedReview, today: date, is_under_way: bool) -> str:
    whose = f"with {review.reviewer}" if review.reviewer else "and nobody is named to review"
    late, missed = counted((today - review.due_on).days, "day"), missed_on(review.due_on)
    said = f"{review.name} is {late} late. It was due on {on(review.due_on)} {whose}."
    if not is_under_way:
        return said
    if today < missed:
        return f"{said} From {on(missed)} on it counts as missed; then the stage can't move."
    return f"{said} It counts as missed: the stage can't move until a review is signed."


def _settled_words(review: PlannedReview) -> str:
    if review.signed_on:
        return f"{review.name}, due on {on(review.due_on)}, is settled: signed on {on(review.signed_on)}."
    if review.is_cancelled:
        return f"{review.name}, due on {on(review.due_on)}, was cancelled."
    return f"{review.name} is due on {on(review.due_on)} now."


def _of_stage(stage: PlannedStage, today: date) -> Signal:
    end = stage.planned_end
    late = (today - end).days if end and stage.ended_on is None else 0
    return Signal(
        kind=SignalKind.SLOW_EXECUTION,
        standing=Standing.RAISED if late > 0 else Standing.OVER,
        severity=Severity.SEV3,
        sentence=_stage_words(stage, late),
        scope=f"stage:{stage.order}",
        value=float(late) if late > 0 else None,
        facts={"days_late": max(late, 0)},
        rule={"stage": stage.name, "planned_end": end.isoformat() if end else None},
    )


def _stage_words(stage: PlannedStage, late: int) -> str:
    if stage.ended_on:
        return f"Stage “{stage.name}” ended on {on(stage.ended_on)}."
    if stage.planned_end is None:
        return f"Stage “{stage.name}” has no planned end now."
    if late <= 0:
        return f"Stage “{stage.name}” has until {on(stage.planned_end)} now."
    return (
        f"Stage “{stage.name}” is {counted(late, 'day')} past its planned end."
        f" It was to end on {on(stage.planned_end)}, and nobody has decided."
        " Advance it, give it a later end with the reason, or stop."
    )


def _of_risk(risk: WatchedRisk, shown: Sequence[str]) -> Signal:
    return Signal(
        kind=SignalKind.RISK_SIGNAL,
        standing=Standing.RAISED if shown else Standing.OVER,
        severity=Severity.SEV4 if risk.is_small else Severity.SEV3,
        sentence=_risk_words(risk, shown),
        scope=f"risk:{risk.key}",
        facts={"shown_by": list(shown)},
        rule={"risk": risk.text, "signal": risk.signal, "planned_response": risk.response},
    )


def _risk_words(risk: WatchedRisk, shown: Sequence[str]) -> str:
    if not shown:
        return QUIET_AGAIN.get(risk.signal, "This risk is no longer watched.")
    response = risk.response.strip()
    answer = f"You planned: {response}" if response else "No response was planned: decide what to do."
    return f"The risk “{risk.text.rstrip('.')}” shows. {' '.join(shown)} {answer}"
