"""Who has an alert, who is told next and when, who was told so far, and who may answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from pilots.evaluation.wording import listed
from pilots.models import Alert, Notification, Role, User
from pilots.permissions import ANSWERING, grouped_by_role
from pilots.reports.alert_words import resolution_words
from pilots.reports.words import day_words, instant_words

REACHED = (Notification.State.SENT, Notification.State.IN_DOUBT)
MOST_NAMED = 4
People = Mapping[str, Sequence[User]]


@dataclass(frozen=True, slots=True)
class Hold:
    """Who has an alert: one line to read first, and the lines below it."""

    icon: str
    who: str
    lines: tuple[str, ...]


def answerable(user: User, alerts: Sequence[Alert]) -> set[int]:
    """Return the keys of the alerts this person may answer, as `can_answer_alert` does one by one."""
    told = set(Notification.objects.filter(user=user, alert__in=alerts).values_list("alert", flat=True))
    return {alert.pk for alert in alerts if alert.pk in told or _has_a_part(user, alert)}


def _has_a_part(user: User, alert: Alert) -> bool:
    people = people_of(alert)
    has_role = any(user in people.get(role, ()) for role in ANSWERING)
    return user.is_superuser or alert.owner_id == user.pk or has_role


def who_answers(alert: Alert) -> list[str]:
    """Name everybody whose part it is to answer an alert."""
    people = people_of(alert)
    return list(dict.fromkeys(str(user) for role in ANSWERING for user in people.get(role, ())))


def hold_of(alert: Alert, now: datetime) -> Hold:
    match alert.status:
        case Alert.Status.RESOLVED:
            return Hold("track", resolution_words(alert), tuple(_ending(alert, now)))
        case Alert.Status.SNOOZED:
            until = f"until {at_words(alert.snoozed_until, now)}" if alert.snoozed_until else ""
            return Hold("mute", f"Snoozed by {alert.snoozed_by}", (until, f"“{alert.snooze_reason}”"))
        case Alert.Status.ACKNOWLEDGED:
            ends = alert.acknowledged_until
            asked = f"until {at_words(ends, now)}, then asked again" if ends else ""
            return Hold("person", str(alert.owner), tuple(line for line in (asked,) if line))
    return Hold("", "Nobody has it yet", tuple(_told(alert, now)))


def _ending(alert: Alert, now: datetime) -> Iterator[str]:
    if alert.resolved_at:
        yield at_words(alert.resolved_at, now)
    if alert.accepted_by and alert.accepted_until:
        yield f"by {alert.accepted_by}, until {_day(alert.accepted_until, now)}"
    for decided in list(alert.continuances.all())[-1:]:
        yield f"by {decided.by}" + (f", until {_day(decided.until, now)}" if decided.until else "")


def _told(alert: Alert, now: datetime) -> Iterator[str]:
    """Yield who is told next and when, and who was told so far."""
    people = people_of(alert)
    ahead = [listed(names_of(step, people)) for step in alert.chain[alert.chain_step :]]
    if alert.step_due_at and ahead:
        when = "Any minute" if alert.step_due_at <= now else at_words(alert.step_due_at, now)
        yield f"{when} {ahead[0]} {'are' if ' and ' in ahead[0] else 'is'} told"
        if ahead[1:]:
            yield f"then {ahead[1]}"
    elif alert.repeat_at and not alert.stalled_at:
        yield f"{at_words(alert.repeat_at, now)} told again"
    told = told_so_far(alert, now)
    yield f"Told so far: {told}" if told else "Nobody was told yet"


def people_of(alert: Alert) -> People:
    pilot = alert.pilot
    return grouped_by_role(pilot, [*pilot.memberships.all(), *pilot.decision.memberships.all()])


def names_of(step: Mapping[str, object], people: People) -> list[str]:
    """Name whom a step of a chain tells; where none of them is there it is the decision owner."""
    wanted = step.get("notify")
    found = [name for entry in (wanted if isinstance(wanted, list) else []) for name in _named(entry, people)]
    owners = people.get(Role.DECISION_OWNER, ())
    return list(dict.fromkeys(found)) or [str(user) for user in owners[:1]] or ["nobody"]


def _named(entry: str, people: People) -> list[str]:
    if entry in Role.values:
        return [str(user) for user in people.get(entry, ())]
    return [entry.removeprefix("to:")]


def told_so_far(alert: Alert, now: datetime) -> str:
    """Name everybody a message has reached, each with when it first did."""
    first: dict[str, datetime] = {}
    for message in getattr(alert, "reached", ()):
        name = str(message.user or message.recipient)
        first.setdefault(name, message.sent_at or message.created_at)
    named = [f"{name}, {at_words(at, now)}" for name, at in list(first.items())[:MOST_NAMED]]
    more = len(first) - MOST_NAMED
    return "; ".join([*named, f"and {more} more"] if more > 0 else named)


def _day(day: date, now: datetime) -> str:
    return day_words(day, today=timezone.localdate(now))


def at_words(at: datetime, now: datetime) -> str:
    return instant_words(timezone.localtime(at), now=timezone.localtime(now))
