"""Who is told next is written step by step, and saving it shows who that would be."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from pilots.models import Destination, EscalationPolicy, Pilot, User
from tests.builders import a_complete_pilot, a_running_pilot, a_taken_decision

pytestmark = pytest.mark.django_db


@pytest.fixture
def pilot(owner: User) -> Pilot:
    return a_complete_pilot(decision=a_taken_decision(owner=owner))


@pytest.fixture
def page(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def place(pilot: Pilot, rest: str = "") -> str:
    return f"/pilots/{pilot.ref}/set-up/escalation/{rest}"


def typed(*steps: dict[str, Any], known: int = 0, **fields: Any) -> dict[str, Any]:
    form: dict[str, Any] = {"name": "Out of hours", **fields}
    form |= {"steps-TOTAL_FORMS": max(len(steps), known) + 2, "steps-INITIAL_FORMS": known}
    for number, step in enumerate(steps):
        form |= {f"steps-{number}-{name}": value for name, value in step.items()}
    return form


OWNER_FIRST = {"told": ["pilot_owner"], "wait": "30", "unit": "minutes"}
THEN_MEI = {"told_also": "mei@example.org", "wait": "2", "unit": "working"}


def test_without_a_policy_the_built_in_steps_are_shown_with_names(page: Client, pilot: Pilot) -> None:
    said = page.get(place(pilot)).text
    assert "As built in, since nobody has written a policy." in said
    assert "Olive Owner" in said
    assert "4 hours" in said
    assert "Step 8 of 10" in said


def test_a_policy_is_saved_and_shows_whom_it_would_tell(page: Client, pilot: Pilot) -> None:
    saved = page.post(place(pilot, "new/"), typed(OWNER_FIRST, THEN_MEI, is_default="on"), follow=True)
    policy = EscalationPolicy.objects.get()
    kept = [(s.order, s.notify, s.wait_minutes, s.working_time) for s in policy.steps.all()]
    assert kept == [(1, ["pilot_owner"], 30, False), (2, ["mei@example.org"], 2880, True)]
    assert "Saved: Out of hours. Below is who it would tell." in saved.text
    assert "mei@example.org: no sign-in yet." in saved.text
    chain = saved.text.split('class="chain"')[1]
    assert chain.index("Pilot Owner") < chain.index("30 minutes") < chain.index("mei@example.org")
    assert "By “Out of hours”." in saved.text


def test_whom_a_step_cannot_reach_is_said(page: Client, pilot: Pilot) -> None:
    nobody = {"told": ["communicator"], "wait": "1", "unit": "hours"}
    said = page.post(place(pilot, "new/"), typed(OWNER_FIRST, nobody), follow=True).text
    assert "the decision owner was told instead" in said or "customer communicator" in said


def test_a_stored_policy_is_typed_as_it_was_and_a_cleared_step_goes(page: Client, pilot: Pilot) -> None:
    page.post(place(pilot, "new/"), typed(OWNER_FIRST, THEN_MEI))
    policy = EscalationPolicy.objects.get()
    form = page.get(place(pilot, f"{policy.pk}/")).context["steps"]
    assert [step.initial for step in form.initial_forms] == [
        {"told": ["pilot_owner"], "told_also": [], "wait": 30, "unit": "minutes"},
        {"told": [], "told_also": ["mei@example.org"], "wait": 2, "unit": "working"},
    ]
    page.post(place(pilot, f"{policy.pk}/"), typed(OWNER_FIRST, known=2, seen_version=policy.version))
    assert policy.steps.count() == 1


def test_a_policy_without_a_step_or_a_wait_is_refused(page: Client, pilot: Pilot) -> None:
    assert "Name at least one step." in page.post(place(pilot, "new/"), typed()).text
    hasty = page.post(place(pilot, "new/"), typed({"told": ["pilot_owner"]}))
    assert "Say how long they have" in hasty.text
    assert not EscalationPolicy.objects.exists()


def test_a_destination_outside_can_be_a_step(page: Client, pilot: Pilot) -> None:
    Destination.objects.create(name="ops-room", channel="chat", url="https://chat.example.org/x")
    page.post(place(pilot, "new/"), typed({"told": ["to:ops-room"], "wait": "1", "unit": "hours"}))
    assert EscalationPolicy.objects.get().steps.get().notify == ["to:ops-room"]


def test_two_who_change_it_at_once_see_each_other(page: Client, pilot: Pilot) -> None:
    page.post(place(pilot, "new/"), typed(OWNER_FIRST))
    policy = EscalationPolicy.objects.get()
    seen = policy.version
    page.post(place(pilot, f"{policy.pk}/"), typed(OWNER_FIRST, known=1, name="Nights", seen_version=seen))
    mine = typed(OWNER_FIRST, known=1, name="Weekends", seen_version=seen)
    late = page.post(place(pilot, f"{policy.pk}/"), mine)
    assert "Somebody else saved this while you were typing." in late.text
    assert "Nights" in late.text
    policy.refresh_from_db()
    assert policy.name == "Nights"


def test_once_the_pilot_runs_a_change_needs_a_reason(page: Client, owner: User) -> None:
    running = a_running_pilot("running", decision=a_taken_decision("other", owner=owner), days=1)
    refused = page.post(place(running, "new/"), typed(OWNER_FIRST))
    assert "the pilot has started" in refused.text
    page.post(place(running, "new/"), typed(OWNER_FIRST, reason="Nights are quiet"))
    assert EscalationPolicy.objects.get().history.get().history_change_reason == "Nights are quiet"


def test_a_limit_chooses_its_policy(page: Client, pilot: Pilot) -> None:
    page.post(place(pilot, "new/"), typed(OWNER_FIRST))
    policy = EscalationPolicy.objects.get()
    stop = pilot.conditions.get(ref="S1")
    address = f"/pilots/{pilot.ref}/set-up/limits/{stop.pk}/"
    form = page.get(address).context["form"]
    given = {name: form[name].value() for name in form.fields}
    given = {name: value for name, value in given.items() if value is not None and value is not False}
    saved = page.post(address, given | {"policy": policy.pk, "seen_version": stop.version})
    assert saved.status_code == 302, saved.context["form"].errors
    stop.refresh_from_db()
    assert stop.policy == policy
    assert "For S1." in page.get(place(pilot)).text


def test_a_policy_of_another_pilot_is_not_found(page: Client, pilot: Pilot, owner: User) -> None:
    other = a_complete_pilot("other", decision=a_taken_decision("other", owner=owner))
    page.post(place(other, "new/"), typed(OWNER_FIRST))
    assert page.get(place(pilot, f"{EscalationPolicy.objects.get().pk}/")).status_code == 404
