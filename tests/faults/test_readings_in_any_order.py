"""Readings that come late, twice, corrected and in any order, in any number of parcels: one end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pilots.evaluation.moments import Moments
from pilots.evaluation.specs import Reading
from pilots.models import Alert, AlertEvent, Evaluation, Notification, Observation, Pilot
from pilots.services.evaluating import evaluate_pilot
from pilots.services.recording import record_readings
from tests.builders import a_running_pilot
from tests.services.stories import day, end_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
LAST = 29
# Days 15 to 28 go past the limit; five of them are said again the day after, three days of those lower.
FIRST_SAID = [(number, segment, 26.0, 0) for number in range(15, 29) for segment in ("low", "high")]
CORRECTED = [
    (number, "low", mean, 1) for number, mean in zip(range(20, 25), (19, 26, 18, 27, 19), strict=True)
]


def a_reading(number: int, segment: str, mean: float, days_later: int) -> Reading:
    known = end_of(number + days_later) - timedelta(hours=1)
    moments = Moments(25, 25 * mean, 25 * (mean**2 + 16.0))
    return Reading("resolution_hours", day(number), segment, moments, known)


BATCH = [a_reading(*row) for row in (*FIRST_SAID, *CORRECTED)]


@st.composite
def deliveries(draw: st.DrawFn) -> list[list[Reading]]:
    """The whole batch, shuffled, with some of it twice, cut into parcels."""
    again = draw(st.lists(st.sampled_from(BATCH), max_size=10))
    rows = draw(st.permutations([*BATCH, *again]))
    cuts = sorted(draw(st.lists(st.integers(0, len(rows)), max_size=4)))
    return [rows[a:b] for a, b in zip([0, *cuts], [*cuts, len(rows)], strict=True)]


@given(parcels=deliveries())
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_any_repetition_and_any_parcels_end_in_the_same_verdict_alerts_and_mails(
    parcels: Sequence[Sequence[Reading]],
) -> None:
    assert end_after(parcels) == end_after([BATCH])


def end_after(parcels: Sequence[Sequence[Reading]]) -> dict[str, list[object]]:
    """Return what is known, concluded and told when all parcels came; nothing of it is kept."""
    with transaction.atomic():
        pilot = a_running_pilot(days=14)
        for parcel in parcels:
            record_readings(pilot_id=pilot.pk, rows=parcel, by=None, source="story", now=end_of(LAST))
        evaluate_pilot(pilot_id=pilot.pk, now=end_of(LAST))
        end = everything_of(pilot)
        transaction.set_rollback(True)
    assert end["mails"], "the readings are past a limit"
    return end


def everything_of(pilot: Pilot) -> dict[str, list[object]]:
    readings = Observation.objects.filter(metric__pilot=pilot).order_by("day", "segment")
    alerts = Alert.objects.order_by("kind", "scope")
    events = AlertEvent.objects.order_by("alert__kind", "pk")
    mails = Notification.objects.order_by("alert__kind", "recipient")
    return {
        "readings": list(readings.values_list("day", "segment", "n", "total", "total_sq", "as_of")),
        "verdicts": list(Evaluation.objects.values_list("verdict", "digest")),
        "alerts": list(alerts.values_list("kind", "scope", "severity", "sentence", "last_value")),
        "events": list(events.values_list("alert__kind", "kind", "note")),
        "mails": list(mails.values_list("recipient", "subject")),
    }
