"""The watch as a round: what it opens is told with the next delivery."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from pilots.models import Notification, Pulse
from pilots.tasks import deliver_notifications, watch_pilots
from tests.builders import a_review, a_running_pilot


@pytest.mark.django_db
@pytest.mark.database
def test_a_late_review_is_found_and_told_by_two_bells() -> None:
    a_review(a_running_pilot(), due_on=timezone.localdate() - timedelta(days=2))
    watch_pilots()
    deliver_notifications()
    assert Pulse.objects.get(name="watch").facts == {"done": 1}
    sent = Notification.objects.filter(alert__kind="review_overdue")
    assert set(sent.values_list("state", flat=True)) == {"sent"}
    assert "The review is 2 days late" in sent[0].subject
