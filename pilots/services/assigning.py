"""Give people their roles in a decision or a pilot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from pilots.models import Decision, Membership, Pilot, Role, User
from pilots.permissions import OWNERS, people_by_role
from pilots.services.errors import Reason, Refused
from pilots.services.saving import remove, save


def assign(subject: Decision | Pilot, people: Mapping[str, Iterable[str]], *, by: User, reason: str) -> bool:
    """Make the people named for each role the only ones who have it. Return whether anything changed.

    Roles that are not named stay as they are. People unknown by address are created without a
    password, so that they can be told and invited, and can't sign in yet.
    """
    wanted = {role: _addresses(role, emails) for role, emails in people.items()}
    present = {(m.role, m.user.email): m for m in subject.memberships.select_related("user")}
    asked = {(role, email) for role, emails in wanted.items() for email in emails}
    gone = [m for (role, email), m in present.items() if role in wanted and (role, email) not in asked]
    for membership in gone:
        remove(membership, by=by, reason=reason)
    added = sorted(asked - present.keys())
    for role, email in added:
        of = {"pilot": subject} if isinstance(subject, Pilot) else {"decision": subject}
        save(Membership(user=person(email), role=role, **of), by=by, reason=reason)
    return bool(gone or added)


def person(email: str) -> User:
    """Return who has this address; somebody new is created without a password."""
    known = User.objects.filter(email=email.strip().lower()).first()
    return known or User.objects.create_user(email.strip())


def refuse_own_reviewer(pilot: Pilot) -> None:
    """Refuse a pilot whose reviewer is one of its owners."""
    people = people_by_role(pilot)
    owners = {user for role in OWNERS for user in people.get(role, [])}
    both = [user for user in people.get(Role.REVIEWER, []) if user in owners]
    if both:
        raise Refused(*(Reason(f"{user} owns this pilot and can't review it.", "people") for user in both))


def _addresses(role: str, emails: Iterable[str]) -> list[str]:
    if role not in Role.values:
        raise Refused(Reason(f"There is no role “{role}”.", "people", role))
    addresses = list(dict.fromkeys(email.strip().lower() for email in emails if email.strip()))
    for address in addresses:
        try:
            validate_email(address)
        except ValidationError as error:
            raise Refused(Reason(f"“{address}” is not an email address.", "people", role)) from error
    return addresses
