"""Bells: they ring without waiting, and one that can't be heard is no error."""

from __future__ import annotations

import pytest
from django.db.models import F

from pilots.models import Alert, Notification, Pulse
from pilots.tasks import advance_alerts, deliver_notifications, evaluate_due
from tests.builders import a_running_pilot
from tests.conftest import free_port
from tests.processes import Product

RING = """
    import time
    from pilots.tasks import ring_evaluation
    began = time.monotonic()
    for _ in range(3):
        ring_evaluation()
    print(time.monotonic() - began)
"""


@pytest.mark.django_db
@pytest.mark.database
def test_the_two_bells_judge_and_tell_everything_that_is_due() -> None:
    for ref in ("one", "two"):
        a_running_pilot(ref, mean=24.0)
    evaluate_due()
    deliver_notifications()
    assert Alert.objects.filter(kind="stop_condition").count() == 2
    assert set(Notification.objects.values_list("state", flat=True)) == {"sent"}


@pytest.mark.django_db
@pytest.mark.database
def test_a_third_tells_the_next_where_nobody_answered_in_time() -> None:
    a_running_pilot("one", mean=24.0)
    evaluate_due()
    deliver_notifications()
    Alert.objects.update(step_due_at=F("opened_at"), due_at=F("opened_at"))
    advance_alerts()
    deliver_notifications()
    told = Notification.objects.filter(event__kind="escalated")
    assert told
    assert set(told.values_list("state", flat=True)) == {"sent"}


@pytest.mark.django_db
def test_each_round_leaves_one_pulse_even_where_nothing_is_due() -> None:
    for _ in range(2):
        evaluate_due()
        advance_alerts()
        deliver_notifications()
    pulses = {pulse.name: pulse.facts for pulse in Pulse.objects.all()}
    assert pulses == {name: {"done": 0} for name in ("evaluate", "advance", "deliver")}


@pytest.mark.processes
def test_a_broker_that_is_not_there_holds_nobody_up(product: Product) -> None:
    product.environ["REDIS_URL"] = f"redis://127.0.0.1:{free_port()}/0"
    assert float(product.tell(RING)) < 0.5
