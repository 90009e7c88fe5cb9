"""Who may do what. Services enforce these; pages reuse them to offer a button."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db.models import Q, QuerySet

from pilots.models import Alert, AlertEvent, ApiToken, Decision, Membership, Notification, Pilot, Role, User

T = TypeVar("T")


class NotAllowed(Exception):
    """Raised when a person may not do something. The text says who may."""


def require(predicate: Callable[[User, T], bool], by: User, subject: T) -> None:
    """Raise NotAllowed unless `predicate` holds for this person and subject."""
    if not predicate(by, subject):
        raise NotAllowed((predicate.__doc__ or "You may not do this.").strip())


def people_by_role(pilot: Pilot) -> dict[str, list[User]]:
    """Return the active people of a pilot by what they are to it, by the pilot itself or by its decision."""
    of_both = Q(pilot=pilot) | Q(decision=pilot.decision)
    return grouped_by_role(pilot, Membership.objects.filter(of_both).select_related("user"))


def grouped_by_role(pilot: Pilot, memberships: Iterable[Membership]) -> dict[str, list[User]]:
    """Group the memberships of a pilot and its decision by role, the decision's owner and deputy first."""
    decision = pilot.decision
    people: dict[str, list[User]] = {}
    for membership in memberships:
        people.setdefault(membership.role, []).append(membership.user)
    for role, user in ((Role.DECISION_OWNER, decision.owner), (Role.DEPUTY, decision.deputy)):
        if user is not None:
            people.setdefault(role, []).insert(0, user)
    active = {role: [user for user in users if user.is_active] for role, users in people.items()}
    return {role: list(dict.fromkeys(users)) for role, users in active.items()}


def roles_of(user: User, pilot: Pilot) -> set[str]:
    """Return what an active person is to a pilot, by the pilot itself and by its decision."""
    return {role for role, users in people_by_role(pilot).items() if user in users}


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
    """Only a reviewer who does not own this pilot may set a refusal aside."""
    # A superuser too: whoever acts against the plan needs a second person.
    roles = roles_of(user, pilot)
    return Role.REVIEWER in roles and roles.isdisjoint(OWNERS)


def can_answer_driver(user: User, pilot: Pilot) -> bool:
    """Only a reviewer who does not own this pilot may say whether a driver's move matters."""
    return can_override(user, pilot)


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


def can_revoke_token(user: User, token: ApiToken) -> bool:
    """Only the person whose token it is, or whoever runs this product, may revoke it."""
    return user.is_active and (user.is_superuser or user.pk == token.user_id)


ANSWERING = (*OWNERS, Role.METRIC_OWNER, Role.ESCALATION_CONTACT, Role.COMMUNICATOR)


def can_acknowledge(user: User, pilot: Pilot) -> bool:
    """Only who runs this pilot, is its escalation contact or was told may act on its alerts."""
    return _is_one_of(user, pilot, ANSWERING)


def pilots_answered_by(user: User) -> QuerySet[Pilot]:
    """Return the pilots whose alerts this person may act on, as `can_acknowledge` does one by one."""
    if not user.is_active:
        return Pilot.objects.none()
    if user.is_superuser:
        return Pilot.objects.all()
    mine = Membership.objects.filter(user=user, role__in=ANSWERING)
    own = Q(decision__owner=user) | Q(decision__deputy=user)
    by_role = Q(pk__in=mine.values("pilot")) | Q(decision__in=mine.values("decision"))
    return Pilot.objects.filter(own | by_role)


def can_answer_alert(user: User, alert: Alert) -> bool:
    """Only who runs this pilot, is its escalation contact or was told of this alert may act on it."""
    if not user.is_active:
        return False
    if can_acknowledge(user, alert.pilot) or alert.owner_id == user.pk:
        return True
    return alert.notifications.filter(user=user).exists()


def can_accept_alert(user: User, alert: Alert) -> bool:
    """Only an owner or a reviewer of this pilot who has not had this alert may put up with it."""
    return _is_one_of(user, alert.pilot, (*OWNERS, Role.REVIEWER)) and user.pk not in _had(alert)


def _had(alert: Alert) -> set[int | None]:
    """Return who has had an alert, or gave it to somebody, since it last opened."""
    began = (AlertEvent.Kind.OPENED, AlertEvent.Kind.REOPENED)
    events = alert.events.order_by("pk")
    first = events.filter(kind__in=began).values_list("pk", flat=True).last() or 0
    taken = events.filter(pk__gte=first, kind=AlertEvent.Kind.ACKNOWLEDGED)
    had = {alert.owner_id}
    for actor, facts in taken.values_list("actor", "facts"):
        had |= {actor, facts.get("to")}
    return had


def can_edit_policies(user: User, _: None = None) -> bool:
    """Only whoever runs this product may change what holds for every pilot."""
    return user.is_active and (user.is_staff or user.is_superuser)


def can_edit_preference(user: User, whose: User) -> bool:
    """Only the person themselves, or whoever runs this product, may say how they are told."""
    return user.is_active and (user.is_superuser or user.pk == whose.pk)


def can_resend(user: User, message: Notification) -> bool:
    """Only an owner of the pilot it is about, or whoever runs this product, may send a message again."""
    if not user.is_active:
        return False
    return user.is_staff or (message.alert is not None and can_edit_pilot(user, message.alert.pilot))
