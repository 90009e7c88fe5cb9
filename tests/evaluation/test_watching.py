"""What the calendar trips: days are the pilot's own, and each thing speaks for itself."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from pilots.evaluation.signals import WATCHED, Signal, SignalKind, Standing
from pilots.evaluation.vocabulary import Severity
from pilots.evaluation.watching import (
    Plan,
    PlannedReview,
    PlannedStage,
    WatchedRisk,
    missed_on,
    planned_signals,
)

DUE = date(2026, 9, 24)  # a Thursday
CLOSING = PlannedReview(7, "The closing review", DUE, "Helena Marković")
STAGE = PlannedStage(2, "a tenth of accounts", DUE)


def one(plan: Plan, *, days_late: int) -> Signal:
    [signal] = planned_signals(plan, today=DUE + timedelta(days=days_late))
    return signal


@pytest.mark.parametrize(
    ("days_late", "standing", "severity"),
    [
        pytest.param(-1, Standing.OVER, Severity.SEV3, id="still to come"),
        pytest.param(0, Standing.OVER, Severity.SEV3, id="due today"),
        pytest.param(1, Standing.RAISED, Severity.SEV3, id="a day late"),
        pytest.param(6, Standing.RAISED, Severity.SEV3, id="the last day before it is missed"),
        pytest.param(7, Standing.RAISED, Severity.SEV2, id="missed, and louder"),
    ],
)
def test_an_unsigned_review_grows_louder(days_late: int, standing: Standing, severity: Severity) -> None:
    signal = one(Plan(reviews=[CLOSING]), days_late=days_late)
    assert (signal.standing, signal.severity) == (standing, severity)
    assert (signal.kind, signal.scope) == (SignalKind.REVIEW_OVERDUE, "review:7")


def test_a_late_review_says_since_when_with_whom_and_what_follows() -> None:
    assert one(Plan(reviews=[CLOSING]), days_late=5).sentence == (
        "The closing review is 5 days late. It was due on Thu 24 Sep with Helena Marković."
        " From Thu 1 Oct on it counts as missed; then the stage can't move."
    )
    assert one(Plan(reviews=[CLOSING]), days_late=7).sentence.endswith(
        "It counts as missed: the stage can't move until a review is signed."
    )


def test_a_review_of_a_pilot_that_has_ended_holds_nothing_up() -> None:
    signal = one(Plan(reviews=[CLOSING], is_under_way=False), days_late=30)
    assert signal.severity is Severity.SEV3
    assert signal.sentence == (
        "The closing review is 30 days late. It was due on Thu 24 Sep with Helena Marković."
    )


def test_a_review_without_a_reviewer_says_so() -> None:
    said = one(Plan(reviews=[PlannedReview(7, "The review", DUE)]), days_late=1).sentence
    assert said.startswith(
        "The review is 1 day late. It was due on Thu 24 Sep and nobody is named to review."
    )


@pytest.mark.parametrize(
    ("review", "said"),
    [
        pytest.param(
            PlannedReview(7, "The review", DUE, signed_on=DUE + timedelta(days=6)),
            "The review, due on Thu 24 Sep, is settled: signed on Wed 30 Sep.",
            id="signed, late",
        ),
        pytest.param(
            PlannedReview(7, "The review", DUE, is_cancelled=True),
            "The review, due on Thu 24 Sep, was cancelled.",
            id="cancelled",
        ),
        pytest.param(
            PlannedReview(7, "The review", DUE + timedelta(days=20)),
            "The review is due on Wed 14 Oct now.",
            id="moved",
        ),
    ],
)
def test_a_review_is_over_with_what_settled_it(review: PlannedReview, said: str) -> None:
    signal = one(Plan(reviews=[review]), days_late=9)
    assert (signal.standing, signal.sentence) == (Standing.OVER, said)


@pytest.mark.parametrize(
    ("stage", "standing", "said"),
    [
        pytest.param(
            STAGE,
            Standing.RAISED,
            "Stage “a tenth of accounts” is 5 days past its planned end. It was to end on Thu 24 Sep,"
            " and nobody has decided. Advance it, give it a later end with the reason, or stop.",
            id="late",
        ),
        pytest.param(
            PlannedStage(2, "a tenth of accounts", DUE, ended_on=DUE + timedelta(days=4)),
            Standing.OVER,
            "Stage “a tenth of accounts” ended on Mon 28 Sep.",
            id="ended, late",
        ),
        pytest.param(
            PlannedStage(2, "a tenth of accounts", DUE + timedelta(days=5)),
            Standing.OVER,
            "Stage “a tenth of accounts” has until Tue 29 Sep now.",
            id="its last day is today",
        ),
        pytest.param(
            PlannedStage(2, "a tenth of accounts", None),
            Standing.OVER,
            "Stage “a tenth of accounts” has no planned end now.",
            id="no planned end",
        ),
    ],
)
def test_a_stage_is_slow_the_day_after_its_planned_end(
    stage: PlannedStage, standing: Standing, said: str
) -> None:
    signal = one(Plan(stages=[stage]), days_late=5)
    assert (signal.kind, signal.standing, signal.sentence) == (SignalKind.SLOW_EXECUTION, standing, said)
    assert signal.severity is Severity.SEV3, "louder would keep the stage from being passed"


@pytest.mark.parametrize(
    ("signal", "plan"),
    [
        pytest.param("data_state", {"missing_data": ["No readings since Sun 20 Sep."]}, id="data"),
        pytest.param("stage_overdue", {"stages": [STAGE]}, id="stage"),
        pytest.param("review_overdue", {"reviews": [CLOSING]}, id="review"),
    ],
)
def test_a_risk_shows_by_what_it_watches_and_by_nothing_else(signal: str, plan: dict[str, object]) -> None:
    signals = ("data_state", "stage_overdue", "review_overdue", "")
    risks = [WatchedRisk(key, f"Risk {key}", watched) for key, watched in enumerate(signals)]
    found = planned_signals(Plan(risks=risks, **plan), today=DUE + timedelta(days=1))  # type: ignore[arg-type]
    shown = [s.scope for s in found if s.kind is SignalKind.RISK_SIGNAL and s.standing is Standing.RAISED]
    assert shown == [f"risk:{signals.index(signal)}"]


def test_a_risk_that_shows_names_the_planned_response() -> None:
    risk = WatchedRisk(3, "Poor data quality.", "data_state", "Ask the data team for a daily export.")
    signal = one(
        Plan(risks=[risk], missing_data=["Health score: no readings since Sun 20 Sep."]), days_late=0
    )
    assert signal.sentence == (
        "The risk “Poor data quality” shows. Health score: no readings since Sun 20 Sep."
        " You planned: Ask the data team for a daily export."
    )
    assert signal.rule["planned_response"] == "Ask the data team for a daily export."


def test_a_risk_without_a_plan_asks_for_one_and_a_small_one_is_quieter() -> None:
    risk = WatchedRisk(3, "Slow execution", "stage_overdue", is_small=True)
    *_, signal = planned_signals(Plan(risks=[risk], stages=[STAGE]), today=DUE + timedelta(days=2))
    assert signal.sentence == (
        "The risk “Slow execution” shows. Stage “a tenth of accounts” is 2 days past its planned end."
        " No response was planned: decide what to do."
    )
    assert signal.severity is Severity.SEV4


def test_every_signal_is_of_the_family_that_no_look_retires() -> None:
    plan = Plan([CLOSING], [STAGE], [WatchedRisk(1, "A", "")])
    assert {s.kind for s in planned_signals(plan, today=DUE)} == set(WATCHED)


def test_a_review_counts_as_missed_a_week_after_it_was_due() -> None:
    assert missed_on(DUE) == date(2026, 10, 1)
