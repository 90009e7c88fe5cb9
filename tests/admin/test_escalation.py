"""Who is told next, edited with its steps on one page."""

from __future__ import annotations

import pytest
from django.test import Client

from pilots.models import EscalationPolicy, User
from tests.admin.forms import send
from tests.admin.test_site import address
from tests.builders import a_running_pilot


@pytest.fixture
def root(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("root@example.org"))
    return client


def test_a_policy_is_changed_together_with_its_steps(root: Client) -> None:
    policy = EscalationPolicy.objects.create(pilot=a_running_pilot(), name="Ours")
    policy.steps.create(order=1, notify=["pilot_owner"])
    later = {"steps-1-order": 2, "steps-1-notify": "decision_owner, x@example.org", "steps-TOTAL_FORMS": 2}
    later |= {"steps-1-wait_minutes": 60}
    answer = send(root, address(EscalationPolicy, "change", policy.pk), reason="Nobody answered", **later)
    assert answer.status_code == 302
    first, second = policy.steps.all()
    assert (first.version, second.notify) == (1, ["decision_owner", "x@example.org"])
    assert second.history.get().history_change_reason == "Nobody answered"


def test_a_reviewer_reads_the_policy_that_holds_for_every_pilot(reviewing: Client) -> None:
    policy = EscalationPolicy.objects.create(name="Every pilot", is_default=True)
    page = address(EscalationPolicy, "change", policy.pk)
    assert b'name="_save"' not in reviewing.get(page).content
    assert reviewing.post(page, {"name": "Mine"}).status_code == 403
