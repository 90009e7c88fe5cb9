"""Who is told of an alert, and as what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from pilots.models import Alert, Destination, Driver, Metric, Notification, Pilot, Role, User
from pilots.permissions import people_by_role

FALLBACK = (Role.DECISION_OWNER, Role.PILOT_OWNER, Role.ESCALATION_CONTACT)
OWNERS = (Role.DECISION_OWNER, Role.PILOT_OWNER)
NAMED = "named in the rule"
DESTINATION = "to:"  # and its name


@dataclass(frozen=True, slots=True)
class Recipient:
    address: str
    because: str
    user: User | None = None
    channel: str = Notification.Channel.EMAIL.value

    @property
    def name(self) -> str:
        return str(self.user) if self.user else self.address.removeprefix(DESTINATION)


@dataclass(frozen=True, slots=True)
class Audience:
    """Who can be reached about something; `note` says when nobody who was meant could be."""

    recipients: tuple[Recipient, ...]
    note: str = ""


def audience_of(alert: Alert) -> Audience:
    """Return who is told of an alert: one entry per address, inactive people left out."""
    # Who owes an answer hears of it first; from SEV3 on those of the chain's first step do too.
    first_step = _first_step(alert) if alert.severity <= "SEV3" else []
    return reach([*_wanted(alert), *first_step], alert)


def reach(wanted: Iterable[str], alert: Alert, *, or_else: bool = True) -> Audience:
    """Return who can be told of those meant, one entry per address.

    Where that is nobody, the decision owner is told instead, unless `or_else` is off.
    """
    people = people_by_role(alert.pilot)
    wanted = list(dict.fromkeys(wanted))
    found = (r for entry in wanted for r in _reachable(entry, alert, people))
    reached = {r.address: r for r in reversed(list(found))}
    if reached or not or_else:
        return Audience(tuple(reversed(reached.values())))
    return _last_resort(wanted, people)


def owners_of(pilot: Pilot) -> tuple[Recipient, ...]:
    """Return who decides about a pilot: one entry per active person, the decision's owner first."""
    people = people_by_role(pilot)
    found = [person(u, role.label.lower()) for role in OWNERS for u in people.get(role, ())]
    return tuple({r.address: r for r in reversed(found)}.values())[::-1]


def _wanted(alert: Alert) -> Iterator[str]:
    """Yield the roles and addresses an alert is meant for."""
    match alert.kind:
        case Alert.Kind.STOP_CONDITION:
            yield from _named(alert) or FALLBACK
            yield Role.INFORMED
        case Alert.Kind.SCALE_UP:
            rules = alert.pilot.conditions.thresholds().enforced()
            yield from [entry for rule in rules for entry in rule.notify] or _named(alert) or FALLBACK
            yield Role.INFORMED
        case Alert.Kind.NO_DATA:
            yield from _owing(alert)
        case Alert.Kind.DRIVER:
            yield from (_OWNER, Role.DECISION_OWNER, Role.PILOT_OWNER)
        case Alert.Kind.TECHNICAL:
            yield from (Role.PILOT_OWNER, Role.DECISION_OWNER)
        case Alert.Kind.REVIEW_OVERDUE:
            yield from (_REVIEWER, Role.PILOT_OWNER, Role.DECISION_OWNER)
        case Alert.Kind.RISK_SIGNAL:
            yield from (_RISK_OWNER, Role.PILOT_OWNER)
        case Alert.Kind.SLOW_EXECUTION:
            yield from (Role.PILOT_OWNER, Role.DECISION_OWNER)
        case _:
            yield from _named(alert) or FALLBACK


def _named(alert: Alert) -> list[str]:
    """Return whom the alert's rule names, and the first step of its chain."""
    by_rule = alert.condition.notify if alert.condition else []
    return [*by_rule, *_first_step(alert)]


def _first_step(alert: Alert) -> list[str]:
    return list(alert.chain[0]["notify"]) if alert.chain else []


_OWNER = "owner"  # of the metric or driver the alert is about
_REVIEWER, _RISK_OWNER = "the reviewer", "the risk’s owner"  # of the review or the risk it is about


def _owing(alert: Alert) -> Iterator[str]:
    """Yield who owes data; who else is told grows with the severity."""
    yield _OWNER
    if alert.severity <= "SEV3":
        yield Role.PILOT_OWNER
    if alert.severity <= "SEV2":
        ref = alert.scope.removeprefix("metric:")
        watching = alert.pilot.conditions.enforced().filter(must_watch=True, metric__ref=ref)
        for condition in watching:
            yield from condition.notify or FALLBACK


def _reachable(entry: str, alert: Alert, people: dict[str, list[User]]) -> Iterable[Recipient]:
    if entry == _OWNER or (entry == Role.METRIC_OWNER and alert.condition):
        subject = _subject(alert)
        if subject is not None and subject.owner is not None:
            what = "metric owner" if isinstance(subject, Metric) else "driver owner"
            return [person(subject.owner, what)] if subject.owner.is_active else []
        entry = Role.METRIC_OWNER if people.get(Role.METRIC_OWNER) else Role.PILOT_OWNER
    if entry in (_REVIEWER, _RISK_OWNER):
        return _keeper(entry, alert)
    if entry in Role.values:
        return [person(user, Role(entry).label.lower()) for user in people.get(entry, [])]
    if entry.startswith(DESTINATION):
        return _destination(entry)
    return _by_address(entry.strip().lower())


def person(user: User, because: str) -> Recipient:
    return Recipient(user.email, because, user)


def _by_address(address: str) -> list[Recipient]:
    user = User.objects.filter(email=address).first()
    if "@" not in address or (user and not user.is_active):
        return []
    return [Recipient(address, NAMED, user)]


def _destination(entry: str) -> list[Recipient]:
    places = Destination.objects.filter(name=entry.removeprefix(DESTINATION), active=True)
    return [Recipient(entry, NAMED, channel=place.channel) for place in places]


def _keeper(entry: str, alert: Alert) -> list[Recipient]:
    """Return who keeps the review or the risk an alert is about."""
    key = int(alert.scope.rpartition(":")[2])
    if entry == _REVIEWER:
        return [person(user, "reviewer") for user in User.objects.filter(is_active=True, reviews=key)]
    return [person(user, "risk owner") for user in User.objects.filter(is_active=True, risks_owned=key)]


def _subject(alert: Alert) -> Metric | Driver | None:
    """Return the metric or driver an alert is about."""
    if alert.condition:
        return alert.condition.metric or alert.condition.driver
    what, _, ref = alert.scope.partition(":")
    rows: Sequence[Metric | Driver] = []
    if what == "metric":
        rows = list(alert.pilot.metrics.filter(ref=ref).select_related("owner"))
    elif what == "driver":
        rows = list(alert.pilot.drivers.filter(ref=ref).select_related("owner"))
    return rows[0] if rows else None


def _last_resort(wanted: Iterable[str], people: dict[str, list[User]]) -> Audience:
    meant = those_meant(wanted)
    owners = [person(user, "decision owner") for user in people.get(Role.DECISION_OWNER, [])]
    said = "the decision owner was told instead" if owners else "nobody was told"
    return Audience(tuple(owners[:1]), f"Nobody could be reached of: {meant}; {said}.")


def those_meant(wanted: Iterable[str]) -> str:
    return ", ".join(Role(e).label.lower() if e in Role.values else e for e in wanted)


def can_be_named(entry: str) -> bool:
    """Say whether a rule or a step may name this: a role, an address, or a destination in use."""
    if entry.startswith(DESTINATION):
        return bool(_destination(entry))
    if entry in Role.values:
        return True
    try:
        validate_email(entry)
    except ValidationError:
        return False
    return True
