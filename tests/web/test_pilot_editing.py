"""Each step of a set-up saves by itself, says what is wrong, and forgets nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from pilots.models import Framework, Membership, Pilot, User
from pilots.web.steps import STEPS
from tests.builders import a_decision, a_metric, a_pilot, a_running_pilot

pytestmark = pytest.mark.django_db


def basics(pilot: Pilot, **fields: str) -> dict[str, Any]:
    sent = {"title": "Tier pilot", "timezone": "UTC", "start": "2026-03-02", "end": "2026-05-31"}
    sent |= {"cadence_days": "1", "dimensions": "severity: low, high", "seen_version": str(pilot.version)}
    return {**sent, **fields}


@pytest.fixture
def pilot(owner: User) -> Pilot:
    return a_pilot(decision=a_decision(owner=owner))


@pytest.fixture
def page(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def at(pilot: Pilot, step: str) -> str:
    return reverse("pilot-setup", args=[pilot.ref, step])


@pytest.mark.parametrize("step", STEPS)
def test_every_step_shows_what_is_missing(page: Client, pilot: Pilot, step: str) -> None:
    shown = page.get(at(pilot, step)).content.decode()
    assert "There is no stop condition." in shown
    assert f'href="{at(pilot, "limits")}"' in shown or step == "limits"


def test_the_set_up_goes_on_where_something_is_missing(page: Client, pilot: Pilot) -> None:
    answer = page.get(reverse("pilot-edit", args=[pilot.ref]))
    assert answer.headers["Location"] == at(pilot, "metrics")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"title": ""}, "Give the pilot a title"),
        ({"end": "2026-03-01"}, "must be after the planned start"),
        ({"timezone": "Mars/Olympus"}, "Mars/Olympus is not one of the available choices"),
        ({"dimensions": "severity low"}, "write it like"),
        ({"cadence_days": "0"}, "at most once a day"),
    ],
)
def test_a_mistake_in_the_basics_keeps_what_was_typed(
    page: Client, pilot: Pilot, wrong: dict[str, str], says: str
) -> None:
    answer = page.post(at(pilot, "basics"), basics(pilot, hypothesis="Faster for all", **wrong))
    shown = answer.content.decode()
    assert says in shown
    assert "Faster for all" in shown
    pilot.refresh_from_db()
    assert pilot.hypothesis == ""


def test_the_heading_keeps_the_stored_title_while_a_wrong_one_is_typed(page: Client, pilot: Pilot) -> None:
    answer = page.post(at(pilot, "basics"), basics(pilot, title="Something else", end="2026-03-01"))
    assert "Set up: Tier pilot" in answer.content.decode()


def test_a_stale_save_shows_both(page: Client, pilot: Pilot) -> None:
    opened = basics(pilot, hypothesis="Mine")
    pilot.hypothesis = "Theirs"
    pilot.save()
    answer = page.post(at(pilot, "basics"), opened)
    shown = answer.content.decode()
    assert "Somebody else saved this" in shown
    assert [(d.yours, d.theirs) for d in answer.context["form"].theirs] == [("Mine", "Theirs")]


def test_a_running_pilot_asks_why(page: Client, owner: User) -> None:
    running = a_running_pilot(decision=a_decision("other", owner=owner))
    changed = basics(running, hypothesis="Sharper", start="2026-03-02")
    answer = page.post(at(running, "basics"), changed)
    assert "Say why" in str(answer.context["form"].errors["reason"])
    page.post(at(running, "basics"), {**changed, "reason": "Clearer words"})
    running.refresh_from_db()
    assert running.hypothesis == "Sharper"


def test_the_start_of_a_running_pilot_stays(page: Client, owner: User) -> None:
    running = a_running_pilot(decision=a_decision("other", owner=owner))
    moved = basics(running, start="2026-03-05", reason="Later after all")
    answer = page.post(at(running, "basics"), moved)
    assert "start can" in str(answer.context["form"].errors["start"])


def test_people_are_named_by_address_and_new_ones_are_told_of(page: Client, pilot: Pilot) -> None:
    people = {
        "pilot_owner": "owner@example.org",
        "reviewer": "rita@example.org",
        "informed": "a@x.org\nb@x.org",
    }
    answer = page.post(at(pilot, "people"), people, follow=True)
    assert "a@x.org" in " ".join(map(str, answer.context["messages"]))
    assert Membership.objects.filter(pilot=pilot, role="informed").count() == 2


def test_an_owner_can_t_review(page: Client, pilot: Pilot) -> None:
    people = {"pilot_owner": "owner@example.org", "reviewer": "owner@example.org"}
    answer = page.post(at(pilot, "people"), people)
    shown = answer.content.decode()
    assert "can&#x27;t review it" in shown
    assert pilot.memberships.get(role="reviewer").user.email == "reviewer@example.org"


def test_a_later_review_of_a_running_pilot_needs_a_reason(page: Client, owner: User) -> None:
    running = a_running_pilot(decision=a_decision("other", owner=owner))
    answer = page.post(at(running, "reviews"), {"on": "2026-04-06", "every_days": "28"})
    assert "Say why" in str(answer.context["form"].errors["reason"])
    assert 'name="reason"' in answer.content.decode()


def test_the_template_offers_what_is_not_there_yet(page: Client, pilot: Pilot) -> None:
    names = ["Resolution time", "health score"]
    framework, _ = Framework.objects.update_or_create(
        code="B0174", defaults={"name_en": "T", "metrics": names}
    )
    pilot.decision.framework = framework
    pilot.decision.save()
    a_metric(pilot, name="Resolution time")
    shown = page.get(at(pilot, "metrics")).content.decode()
    assert "?name=health%20score" in shown
    assert "?name=Resolution" not in shown


@pytest.mark.parametrize("step", STEPS)
def test_a_stranger_does_not_learn_of_a_pilot(
    client: Client, stranger: User, pilot: Pilot, step: str
) -> None:
    client.force_login(stranger)
    assert client.get(at(pilot, step)).status_code == 404
    assert client.post(at(pilot, step), basics(pilot)).status_code == 404


def test_a_reviewer_is_told_who_may_change_it(client: Client, reviewer: User, pilot: Pilot) -> None:
    client.force_login(reviewer)
    answer = client.get(at(pilot, "limits"))
    assert answer.status_code == 403
    assert "Only the decision owner, the deputy or the pilot owner" in answer.content.decode()


def test_a_visitor_is_asked_to_sign_in(client: Client, pilot: Pilot) -> None:
    answer = client.get(at(pilot, "basics"))
    assert answer.headers["Location"].startswith(reverse("sign-in"))


def test_every_control_has_a_label(page: Client, pilot: Pilot) -> None:
    for step in ("basics", "people", "reviews"):
        for field in page.get(at(pilot, step)).context["form"].visible_fields():
            assert field.label
            assert f'for="{field.id_for_label}"' in page.get(at(pilot, step)).content.decode()
