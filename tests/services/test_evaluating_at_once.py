"""Many pilots judged at once: the same rows as one by one, and what goes wrong with one stays with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pilots.models import Alert, Evaluation, Pilot, PilotState
from pilots.services.concluding import conclude_all
from pilots.services.evaluating import evaluate_batch, evaluate_next
from pilots.services.leasing import claim_due
from pilots.services.looking import sights_of
from tests.builders import NOON, a_running_pilot
from tests.services.stories import end_of, everything, record

pytestmark = [pytest.mark.django_db, pytest.mark.database]

MEANS = st.lists(st.sampled_from([15.0, 19.0, 20.0, 21.3, 24.0]), min_size=1, max_size=4)
LATER = st.dictionaries(st.integers(0, 3), st.sampled_from([18.0, 20.0, 26.0]))


def one_by_one() -> None:
    while evaluate_next(now=end_of(29)):
        pass


def at_once() -> None:
    assert evaluate_batch(now=end_of(29), size=10)


@given(means=MEANS, later=LATER)
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_batch_leaves_the_same_rows_as_its_pilots_one_by_one(
    means: list[float], later: dict[int, float]
) -> None:
    assert rows_after(at_once, means, later) == rows_after(one_by_one, means, later)


def rows_after(judge: Callable[[], None], means: list[float], later: dict[int, float]) -> object:
    """Judge some pilots, record late readings of some of them, and judge again."""
    with transaction.atomic():
        pilots = [a_running_pilot(f"p{number}", mean=mean) for number, mean in enumerate(means)]
        judge()
        for pilot, mean in zip(pilots, map(later.get, range(len(pilots))), strict=True):
            if mean is not None:
                record(pilot.metrics.get(), mean=mean, days=(20, 28), known=29)
        PilotState.objects.update(dirty_seq=9)
        judge()
        rows = what_was_stored()
        transaction.set_rollback(True)
    return rows


def what_was_stored() -> object:
    """Every row by which two engines could differ, without its number."""
    states = PilotState.objects.order_by("pilot__ref").values_list(
        "pilot__ref",
        "verdict",
        "verdict_since",
        "evaluated_seq",
        "next_look_at",
        "last_evaluated_at",
        "fence",
    )
    evaluations = Evaluation.objects.order_by("pilot__ref", "pk").values_list(
        "pilot__ref", "as_of", "verdict", "digest", "result", "versions"
    )
    alerts = Alert.objects.order_by("pilot__ref", "kind", "scope").values_list(
        "pilot__ref", "kind", "status", "severity", "sentence", "count", "evaluation__digest"
    )
    return list(states), list(evaluations), list(alerts)


def queries_of(pilots: int) -> int:
    """Count the queries of a tick over so many pilots, their baselines read before."""
    with transaction.atomic():
        for number in range(pilots):
            a_running_pilot(f"p{number}")
        evaluate_batch(now=end_of(28))
        with CaptureQueriesContext(connection) as asked:
            assert evaluate_batch(now=end_of(29)) == pilots
        transaction.set_rollback(True)
    return len(asked)


def test_more_pilots_are_judged_with_as_many_queries() -> None:
    assert queries_of(2) == queries_of(6)


def test_a_batch_takes_no_more_than_it_is_asked_to() -> None:
    for number in range(3):
        a_running_pilot(f"p{number}")
    assert [evaluate_batch(now=NOON, size=2) for _ in range(3)] == [2, 1, 0]


def test_of_many_pilots_that_tell_people_some_wait_for_the_next_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pilots.services.evaluating.TELLING_IN_A_BATCH", 2)
    for number in range(3):
        a_running_pilot(f"p{number}", mean=24.0)
    assert [evaluate_batch(now=NOON) for _ in range(3)] == [3, 1, 0]
    assert list(PilotState.objects.values_list("verdict", flat=True)) == ["stop"] * 3
    assert Alert.objects.filter(kind="stop_condition").count() == 3


def test_a_pilot_that_cannot_be_judged_leaves_its_batch_alone() -> None:
    for ref in ("well", "broken", "fine"):
        a_running_pilot(ref)
    Pilot.objects.filter(ref="broken").update(timezone="Nowhere/Land")
    assert evaluate_batch(now=NOON) == 3
    verdicts = dict(PilotState.objects.values_list("pilot__ref", "verdict"))
    assert verdicts == {"well": "on_track", "broken": "", "fine": "on_track"}
    assert evaluate_batch(now=NOON) == 0


def test_a_verdict_that_cannot_be_stored_marks_its_pilot_and_the_others_are_stored_alone() -> None:
    well, broken = a_running_pilot("well", mean=24.0), a_running_pilot("broken", mean=24.0)
    broken.conditions.update(notify=[3])
    assert evaluate_batch(now=NOON) == 2
    assert PilotState.objects.get(pilot=well).verdict == "stop"
    marked = PilotState.objects.get(pilot=broken)
    assert (marked.verdict, marked.failures, marked.lease_until) == ("", 1, None)
    assert not broken.alerts.exists()


def test_what_happens_to_one_pilot_while_a_batch_is_judged_drops_only_that_one() -> None:
    for ref in ("kept", "stopped", "taken"):
        a_running_pilot(ref, mean=24.0)
    claims = claim_due(NOON, size=3)
    sights = sights_of({claim.pilot_id: NOON for claim in claims})
    judged = [(claim, sights[claim.pilot_id].take(), NOON) for claim in claims]
    Pilot.objects.filter(ref="stopped").update(status="stopped")
    PilotState.objects.filter(pilot__ref="taken").update(fence=7)
    lost = conclude_all(judged)
    ids = {pilot.ref: pilot.pk for pilot in Pilot.objects.all()}
    assert {reason.claim.pilot_id: str(reason) for reason in lost} == {
        ids["stopped"]: "stopped was moved while it was judged.",
        ids["taken"]: f"Pilot {ids['taken']} was taken over by another worker.",
    }
    assert list(Evaluation.objects.values_list("pilot__ref", flat=True)) == ["kept"]


def test_a_batch_after_a_pause_of_the_engine_judges_each_pilot_once_for_now() -> None:
    pilot = a_running_pilot()
    evaluate_batch(now=end_of(20))
    assert evaluate_batch(now=end_of(28) + timedelta(hours=3)) == 1
    before = everything()
    assert evaluate_batch(now=end_of(28) + timedelta(hours=3)) == 0
    assert everything() == before
    assert pilot.evaluations.count() == 2
