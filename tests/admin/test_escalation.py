"""Who is told next, edited with its steps on one page, by the same law as on the pages."""

from __future__ import annotations

import pytest
from django.test import Client

from pilots.models import EscalationPolicy, Pilot
from tests.admin.forms import mistakes, send
from tests.admin.test_site import address
from tests.builders import a_running_pilot


@pytest.fixture
def pilot(db: None) -> Pilot:
    return a_running_pilot()


@pytest.fixture
def policy(pilot: Pilot) -> EscalationPolicy:
    policy = EscalationPolicy.objects.create(pilot=pilot, name="Ours")
    policy.steps.create(order=1, notify=["pilot_owner"])
    return policy


def a_step(number: int, order: int, notify: str) -> dict[str, object]:
    fields = {"order": order, "notify": notify, "wait_minutes": 60}
    return {f"steps-{number}-{name}": value for name, value in fields.items()} | {"steps-TOTAL_FORMS": 2}


def page_of(policy: EscalationPolicy) -> str:
    return address(EscalationPolicy, "change", policy.pk)


def test_a_policy_is_changed_together_with_its_steps(owning: Client, policy: EscalationPolicy) -> None:
    second = a_step(1, 2, "decision_owner, x@example.org")
    answer = send(owning, page_of(policy), reason="Nobody answered", **second)
    assert answer.status_code == 302
    steps = list(policy.steps.all())
    assert [step.notify for step in steps] == [["pilot_owner"], ["decision_owner", "x@example.org"]]
    assert [step.version for step in steps] == [1, 1]
    assert steps[1].history.get().history_change_reason == "Nobody answered"


def test_a_step_put_first_is_told_first(owning: Client, policy: EscalationPolicy) -> None:
    first = a_step(1, 0, "reviewer")
    assert send(owning, page_of(policy), reason="Care", **first).status_code == 302
    assert [(s.order, s.notify) for s in policy.steps.all()] == [(1, ["reviewer"]), (2, ["pilot_owner"])]


def test_a_step_is_taken_out_with_a_reason(owning: Client, policy: EscalationPolicy) -> None:
    policy.steps.create(order=2, notify=["reviewer"])
    out = {"steps-1-DELETE": "on"}
    assert "Say why" in mistakes(send(owning, page_of(policy), **out))
    assert send(owning, page_of(policy), reason="Too many", **out).status_code == 302
    assert policy.steps.get().notify == ["pilot_owner"]


def test_who_is_nobody_can_not_be_told(owning: Client, policy: EscalationPolicy) -> None:
    answer = send(owning, page_of(policy), reason="Care", **{"steps-0-notify": "the boss"})
    assert "neither a role, an address nor a destination" in mistakes(answer)


def test_a_policy_of_a_pilot_is_added_by_its_owner(owning: Client, pilot: Pilot) -> None:
    new = {"pilot": pilot.pk, "name": "At night", "reason": "Care"} | a_step(0, 1, "pilot_owner")
    answer = send(owning, address(EscalationPolicy, "add"), **(new | {"steps-TOTAL_FORMS": 1}))
    assert answer.status_code == 302, mistakes(answer)
    assert pilot.escalation_policies.get().steps.get().notify == ["pilot_owner"]


def test_a_reviewer_reads_the_policy_of_a_pilot_that_is_not_theirs(
    reviewing: Client, policy: EscalationPolicy
) -> None:
    assert b'name="_save"' not in reviewing.get(page_of(policy)).content
    assert reviewing.post(page_of(policy), {"name": "Mine"}).status_code == 403


def test_the_policy_of_every_pilot_is_changed_by_staff(reviewing: Client) -> None:
    policy = EscalationPolicy.objects.create(name="Every pilot", is_default=True)
    policy.steps.create(order=1, notify=["pilot_owner"])
    assert send(reviewing, page_of(policy), **{"steps-0-wait_minutes": 30}).status_code == 302
    assert policy.steps.get().wait_minutes == 30
