"""Who may do what. Services enforce these; pages reuse them to offer a button."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db.models import Q

from pilots.models import Decision, Membership, Pilot, Role, User

T = TypeVar("T")


class NotAllowed(Exception):
    """Raised when a person may not do something. The text says who may."""


def require(predicate: Callable[[User, T], bool], by: User, subject: T) -> None:
    """Raise NotAllowed unless `predicate` holds for this person and subject."""
    if not predicate(by, subject):
        raise NotAllowed((predicate.__doc__ or "You may not do this.").strip())


def roles_of(user: User, pilot: Pilot) -> set[str]:
    """Return what a person is to a pilot, by the pilot itself and by its decision."""
    decision = pilot.decision
    of_both = Q(pilot=pilot) | Q(decision=decision)
    roles = set(Membership.objects.filter(of_both, user=user).values_list("role", flat=True))
    if user.pk == decision.owner_id:
        roles.add(Role.DECISION_OWNER)
    if user.pk == decision.deputy_id:
        roles.add(Role.DEPUTY)
    return roles


def _is_one_of(user: User, pilot: Pilot, roles: Iterable[str]) -> bool:
    return user.is_active and (user.is_superuser or bool(roles_of(user, pilot).intersection(roles)))


OWNERS = (Role.DECISION_OWNER, Role.DEPUTY, Role.PILOT_OWNER)


def can_edit_pilot(user: User, pilot: Pilot) -> bool:
    """Only the decision owner, the deputy or the pilot owner may change this pilot."""
    return _is_one_of(user, pilot, OWNERS)


def can_move_pilot(user: User, pilot: Pilot) -> bool:
    """Only the decision owner, the deputy or the pilot owner may move this pilot."""
    return _is_one_of(user, pilot, OWNERS)


def can_override(user: User, pilot: Pilot) -> bool:
    """Only a reviewer of this pilot may set a refusal aside."""
    return _is_one_of(user, pilot, (Role.REVIEWER,))


def can_record_readings(user: User, pilot: Pilot) -> bool:
    """Only the owners of this pilot or of one of its metrics may record readings."""
    if _is_one_of(user, pilot, (*OWNERS, Role.METRIC_OWNER)):
        return True
    return user.is_active and pilot.metrics.filter(owner=user).exists()


def can_finalise_baseline(user: User, pilot: Pilot) -> bool:
    """Only the owners of this pilot or of one of its metrics may finalise a baseline."""
    return can_record_readings(user, pilot)


def can_create_decision(user: User, _: None = None) -> bool:
    """Only a signed-in person with an active account may write a decision."""
    return user.is_active


def can_edit_decision(user: User, decision: Decision) -> bool:
    """Only the decision's owner or deputy may change this decision."""
    if not user.is_active:
        return False
    if user.is_superuser or user.pk in (decision.owner_id, decision.deputy_id):
        return True
    owning = (Role.DECISION_OWNER, Role.DEPUTY)
    return decision.memberships.filter(user=user, role__in=owning).exists()
