from __future__ import annotations

from collections.abc import Callable

import pytest

from pilots.models import Membership, Pilot, Role, User
from pilots.permissions import (
    NotAllowed,
    can_edit_decision,
    can_edit_pilot,
    can_finalise_baseline,
    can_move_pilot,
    can_override,
    can_record_readings,
    people_by_role,
    require,
    roles_of,
)
from tests.builders import a_metric, a_person, a_pilot

pytestmark = pytest.mark.django_db

MAY: dict[Callable[[User, Pilot], bool], set[str]] = {
    can_edit_pilot: {"owner", "deputy", "pilot_owner", "superuser"},
    can_move_pilot: {"owner", "deputy", "pilot_owner", "superuser"},
    can_record_readings: {"owner", "deputy", "pilot_owner", "superuser", "metric_owner", "steward"},
    can_finalise_baseline: {"owner", "deputy", "pilot_owner", "superuser", "metric_owner", "steward"},
    can_override: {"reviewer"},
}
PEOPLE = (
    "owner",
    "deputy",
    "pilot_owner",
    "reviewer",
    "metric_owner",
    "steward",
    "informed",
    "superuser",
    "stranger",
)


@pytest.fixture
def pilot(db: None) -> Pilot:
    """A pilot with one person of each kind, whose address tells what they are."""
    pilot = a_pilot()
    Membership.objects.all().delete()
    decision = pilot.decision
    decision.owner, decision.deputy = a_person("owner@example.org"), a_person("deputy@example.org")
    decision.save()
    for role in (Role.PILOT_OWNER, Role.REVIEWER, Role.METRIC_OWNER):
        Membership.objects.create(pilot=pilot, user=a_person(f"{role}@example.org"), role=role)
    Membership.objects.create(decision=decision, user=a_person("informed@example.org"), role=Role.INFORMED)
    a_metric(pilot, owner=a_person("steward@example.org"))
    a_person("superuser@example.org", is_superuser=True)
    a_person("stranger@example.org")
    return pilot


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("predicate", MAY, ids=lambda predicate: predicate.__name__)
def test_who_may_do_what(pilot: Pilot, predicate: Callable[[User, Pilot], bool], who: str) -> None:
    person = a_person(f"{who}@example.org")
    assert predicate(person, pilot) is (who in MAY[predicate])
    person.is_active = False
    person.save()
    assert not predicate(person, pilot)


@pytest.mark.parametrize("role", [Role.PILOT_OWNER, Role.DEPUTY, Role.DECISION_OWNER])
def test_a_reviewer_who_owns_the_pilot_is_no_second_person(pilot: Pilot, role: Role) -> None:
    reviewer = a_person("reviewer@example.org")
    Membership.objects.create(decision=pilot.decision, user=reviewer, role=role)
    assert not can_override(reviewer, pilot)


def test_a_role_in_the_decision_is_a_role_in_its_pilots(pilot: Pilot) -> None:
    assert roles_of(a_person("informed@example.org"), pilot) == {"informed"}
    assert roles_of(a_person("owner@example.org"), pilot) == {"decision_owner"}


def test_nobody_is_counted_twice_and_who_left_not_at_all(pilot: Pilot) -> None:
    owner = a_person("owner@example.org")
    Membership.objects.create(pilot=pilot, user=owner, role=Role.DECISION_OWNER)
    User.objects.filter(email="deputy@example.org").update(is_active=False)
    people = people_by_role(Pilot.objects.get())
    assert people[Role.DECISION_OWNER] == [owner]
    assert people[Role.DEPUTY] == []


def test_a_decision_is_edited_by_its_owner_and_deputy(pilot: Pilot) -> None:
    allowed = {who for who in PEOPLE if can_edit_decision(a_person(f"{who}@example.org"), pilot.decision)}
    assert allowed == {"owner", "deputy", "superuser"}


def test_a_refusal_says_who_may(pilot: Pilot) -> None:
    with pytest.raises(NotAllowed, match="Only the decision owner, the deputy or the pilot owner"):
        require(can_move_pilot, a_person("stranger@example.org"), pilot)
