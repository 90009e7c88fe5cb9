"""A decision is written and changed by those who own it, and nothing they type is lost."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from pilots.models import Decision, Framework, Risk, User
from tests.builders import NOON, a_decision, a_person

pytestmark = pytest.mark.django_db


def typed(decision: Decision | None = None, **fields: str) -> dict[str, Any]:
    """What the form sends: options A, B (chosen) and C, and a few words."""
    sent = {
        "title": "Support tiers",
        "owner": "owner@example.org",
        "reversibility": "easy",
        "quality": "draft",
    }
    sent |= {"statement": "Pilot in stages.", "rationale": "Learn first."}
    sent |= {"option-TOTAL_FORMS": "3", "option-INITIAL_FORMS": "3", "chosen": "B"}
    for row, (key, title) in enumerate((("A", "Keep"), ("B", "Pilot in stages"), ("C", "Redesign"))):
        sent |= {f"option-{row}-key": key, f"option-{row}-title": title}
    if decision:
        sent["seen_version"] = str(decision.version)
    return {**sent, **fields}


@pytest.fixture
def page(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def test_the_template_suggests_the_trade_off(page: Client) -> None:
    Framework.objects.update_or_create(
        code="B0174", defaults={"name_en": "Tiers", "trade_off": ["one side", "other side"]}
    )
    form = page.get(reverse("decision-new")).context["form"]
    assert form["trade_off_a"].value() == "one side"
    assert form["owner"].value() == "owner@example.org"


def test_looking_at_a_form_changes_nothing(page: Client) -> None:
    page.get(reverse("decision-new"))
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"title": ""}, "Give the decision a title"),
        ({"owner": "nobody"}, "valid email"),
        ({"deputy": "owner@example.org"}, "somebody other than the owner"),
        ({"owner": "kenji@example.org"}, "Be the owner or the deputy yourself"),
        ({"informed": "board"}, "Not an address: board"),
        ({"confidence": "170"}, "between 0 and 100"),
        ({"chosen": "D"}, "has no title"),
        ({"option-0-title": "", "option-0-summary": "Half an option"}, "Name this option"),
    ],
)
def test_a_mistake_is_said_and_the_rest_is_kept(page: Client, wrong: dict[str, str], says: str) -> None:
    answer = page.post(reverse("decision-new"), typed() | {"context": "A long context"} | wrong)
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert says in shown
    assert "A long context" in shown
    assert "Redesign" in shown
    assert not Decision.objects.exists()


def test_a_mistake_is_tied_to_its_field_for_those_who_listen(page: Client) -> None:
    shown = page.post(reverse("decision-new"), typed(title="")).content.decode()
    assert 'aria-invalid="true"' in shown
    assert 'aria-describedby="id_title_error"' in shown
    assert 'id="id_title_error"' in shown


def test_people_who_are_new_come_in_without_a_password(page: Client) -> None:
    answer = page.post(reverse("decision-new"), typed(informed="new@example.org"), follow=True)
    assert not User.objects.get(email="new@example.org").has_usable_password()
    assert "new@example.org" in " ".join(map(str, answer.context["messages"]))


def test_two_people_editing_at_once_see_both_texts(page: Client, owner: User) -> None:
    decision = a_decision(owner=owner)
    opened = typed(decision, context="What I typed")
    decision.context = "What they typed"
    decision.save()

    answer = page.post(reverse("decision-edit", args=[decision.ref]), opened)
    differs = {d.label: (d.yours, d.theirs) for d in answer.context["form"].theirs}
    assert differs["Context"] == ("What I typed", "What they typed")
    decision.refresh_from_db()
    assert decision.context == "What they typed"

    opened["seen_version"] = answer.context["form"]["seen_version"].value()
    assert page.post(reverse("decision-edit", args=[decision.ref]), opened).status_code == 302
    decision.refresh_from_db()
    assert decision.context == "What I typed"


def test_once_decided_a_change_of_substance_needs_a_reason(page: Client, owner: User) -> None:
    decision = a_decision(owner=owner, status=Decision.Status.DECIDED, decided_at=NOON)
    changed = typed(decision, rationale="We know more now")
    address = reverse("decision-edit", args=[decision.ref])

    answer = page.post(address, changed)
    assert "Say why" in str(answer.context["form"].errors["reason"])
    assert answer.context["form"]["rationale"].value() == "We know more now"

    assert page.post(address, {**changed, "reason": "The survey is in"}).status_code == 302
    decision.refresh_from_db()
    assert decision.changed_since_decided_at is not None
    assert decision.history.latest().history_change_reason == "The survey is in"


def test_a_decision_can_be_handed_over(page: Client, owner: User) -> None:
    decision = a_decision(owner=owner)
    answer = page.post(
        reverse("decision-edit", args=[decision.ref]), typed(decision, owner="kenji@example.org")
    )
    assert answer.headers["Location"] == reverse("decisions")
    decision.refresh_from_db()
    assert decision.owner == a_person("kenji@example.org")


def test_deciding_without_a_chosen_option_is_refused_in_words(page: Client, owner: User) -> None:
    decision = a_decision(owner=owner)
    decision.options.filter(key="B").delete()
    answer = page.post(reverse("decision-move", args=[decision.ref, "decide"]), {"reason": "Now"})
    assert "Choose exactly one of the options" in answer.content.decode()
    decision.refresh_from_db()
    assert decision.status == Decision.Status.DRAFT


def test_a_risk_has_its_signal_and_what_will_be_done(page: Client, owner: User) -> None:
    decision = a_decision(owner=owner)
    risk = {"text": "Poor data", "likelihood": "high", "impact": "low", "signal": "data_state"}
    page.post(reverse("risk-new", args=[decision.ref]), {**risk, "planned_response": "Call the data team"})
    assert Risk.objects.get().planned_response == "Call the data team"


@pytest.mark.parametrize("name", ["decision-edit", "risk-new", "pilot-new"])
def test_a_stranger_does_not_learn_that_it_exists(client: Client, stranger: User, name: str) -> None:
    decision = a_decision()
    client.force_login(stranger)
    assert client.get(reverse(name, args=[decision.ref])).status_code == 404


def test_who_may_look_but_not_write_is_told_who_may(client: Client, owner: User, reviewer: User) -> None:
    decision = a_decision(owner=owner)
    client.force_login(reviewer)
    answer = client.get(reverse("decision-edit", args=[decision.ref]))
    assert answer.status_code == 403
    assert "Only the decision" in answer.content.decode()
