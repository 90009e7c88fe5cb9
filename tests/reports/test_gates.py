from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from pilots.models import Alert, Pilot, PilotState, Review
from pilots.reports.gates import gates_of
from tests.builders import NOON, START, a_review, a_running_pilot, an_alert, an_evaluation

pytestmark = pytest.mark.django_db


def open_gates(pilot: Pilot, now: datetime = NOON) -> dict[str, str]:
    return {gate.key: " ".join(gate.missing) for gate in gates_of(pilot, now=now) if not gate.ok}


def a_pilot_on_track() -> Pilot:
    pilot = a_running_pilot()
    an_evaluation(pilot)
    return pilot


def test_nothing_keeps_a_pilot_on_track_from_advancing() -> None:
    assert open_gates(a_pilot_on_track()) == {}


def a_stage_needs_more(pilot: Pilot, **fields: int) -> None:
    stage = pilot.stages.get()
    for name, value in fields.items():
        setattr(stage, name, value)
    stage.save()


@pytest.mark.parametrize(
    ("mishap", "key", "says"),
    [
        pytest.param(an_alert, "alerts", "Cases take longer", id="a stop condition alert is open"),
        pytest.param(
            lambda p: an_alert(p, status="snoozed"),
            "alerts",
            "Cases take longer",
            id="a snooze opens no gate",
        ),
        pytest.param(
            lambda p: an_alert(p, "technical", severity="SEV1", sentence="The source is down."),
            "alerts",
            "The source is down",
            id="any SEV1 alert is open",
        ),
        pytest.param(
            lambda p: an_evaluation(p, state="stale"), "data", "Resolution time is stale", id="stale readings"
        ),
        pytest.param(
            lambda p: an_evaluation(p, state="awaiting_first"),
            "data",
            "awaiting",
            id="no reading has come yet",
        ),
        pytest.param(
            lambda p: an_evaluation(p, at=NOON - timedelta(days=3)),
            "data",
            "Not checked since Fri 27 Mar",
            id="late",
        ),
        pytest.param(
            lambda p: PilotState.objects.update(dirty_seq=99),
            "data",
            "Something changed",
            id="not judged yet",
        ),
        pytest.param(
            lambda p: PilotState.objects.update(evaluation=None),
            "data",
            "not been checked",
            id="never judged",
        ),
        pytest.param(
            lambda p: p.metrics.get().baselines.all().delete(),
            "baselines",
            "no baseline",
            id="no final baseline",
        ),
        pytest.param(
            lambda p: a_review(p, due_on=START, status=Review.Status.MISSED),
            "reviews",
            "missed",
            id="a missed review",
        ),
        pytest.param(
            lambda p: a_review(p, due_on=NOON.date() - timedelta(days=7)),
            "reviews",
            "due on Mon 23 Mar was missed",
            id="a review a week late",
        ),
        pytest.param(
            lambda p: a_stage_needs_more(p, min_days=60), "stage", "Day 29 of at least 60", id="too few days"
        ),
        pytest.param(
            lambda p: a_stage_needs_more(p, min_sample=2000),
            "stage",
            "1,400 of at least 2,000 cases",
            id="too few cases",
        ),
    ],
)
def test_what_keeps_a_stage_from_being_passed(mishap: Callable[[Pilot], object], key: str, says: str) -> None:
    pilot = a_pilot_on_track()
    mishap(pilot)
    assert says in open_gates(pilot)[key]


@pytest.mark.parametrize(
    "harmless",
    [
        pytest.param(lambda p: an_alert(p, "driver", severity="SEV3"), id="an alert of SEV3"),
        pytest.param(lambda p: an_alert(p, status=Alert.Status.RESOLVED), id="a resolved stop condition"),
        pytest.param(
            lambda p: a_review(p, due_on=NOON.date() - timedelta(days=6)), id="a review six days late"
        ),
        pytest.param(lambda p: an_evaluation(p, state="too_small"), id="few cases are not missing data"),
    ],
)
def test_what_keeps_nothing(harmless: Callable[[Pilot], object]) -> None:
    pilot = a_pilot_on_track()
    harmless(pilot)
    assert open_gates(pilot) == {}


def test_a_review_signed_since_makes_up_for_a_missed_one() -> None:
    pilot = a_pilot_on_track()
    a_review(pilot, due_on=START, status=Review.Status.MISSED)
    assert "reviews" in open_gates(pilot)
    signed = datetime(2026, 3, 20, 9, tzinfo=UTC)
    a_review(
        pilot, due_on=START + timedelta(days=14), status="signed_off", signed_at=signed, outcome="continue"
    )
    assert open_gates(pilot) == {}
