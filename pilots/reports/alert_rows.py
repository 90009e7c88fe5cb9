"""One row of the queue: what is wrong, whom it hurts, how urgent it is, who has it and who is told next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Prefetch, prefetch_related_objects
from django.utils import timezone

from pilots.evaluation.priority import Score
from pilots.evaluation.signals import Standing
from pilots.evaluation.wording import counted, listed, number, percent
from pilots.models import Alert, Basis, ImpactAssessment, Membership, Notification, Pilot, Role, User
from pilots.permissions import ANSWERING, grouped_by_role
from pilots.reports.alert_scores import alert_score, known_share
from pilots.reports.alert_words import cap_words, headline_of, resolution_words
from pilots.reports.words import day_words, instant_words

REACHED = (Notification.State.SENT, Notification.State.IN_DOUBT)
BASES = {
    Basis.ACTUAL: "counted",
    Basis.ESTIMATE: "estimate",
    Basis.UNKNOWN: "not known, provisional",
    Basis.NONE: "none",
}
MOST_NAMED = 4
CLOSED_BY_PEOPLE = (Alert.Kind.STOP_CONDITION, Alert.Kind.MANUAL)


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    text: str
    basis: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Who has an alert: one line to read first, and the lines below it."""

    icon: str
    who: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AlertRow:
    alert: Alert
    heading: str
    rest: str
    notes: tuple[str, ...]
    impact: tuple[Fact, ...]
    score: Score | None
    hold: Hold

    @property
    def is_free(self) -> bool:
        return self.alert.status == Alert.Status.OPEN

    @property
    def cap(self) -> str:
        return cap_words(self.alert)

    @property
    def closes_itself(self) -> bool:
        return self.alert.kind not in CLOSED_BY_PEOPLE


def alert_rows(keys: Sequence[int], *, now: datetime) -> list[AlertRow]:
    """Return the rows of one page in the order of `keys`, in a fixed number of queries."""
    related = ("condition__metric", "condition__driver", "owner", "snoozed_by", "accepted_by", "previous")
    people = ("pilot__decision__owner", "pilot__decision__deputy")
    found = list(Alert.objects.filter(pk__in=keys).select_related(*related, *people))
    fetch_for_rows(found)
    by_key = {alert.pk: alert for alert in found}
    return [alert_row(by_key[key], now=now) for key in keys if key in by_key]


def fetch_for_rows(alerts: Sequence[Alert]) -> None:
    members = Membership.objects.select_related("user")
    bodies = ("text", "html", "chart_svg")
    sent = Notification.objects.filter(state__in=REACHED).defer(*bodies).select_related("user").order_by("pk")
    prefetch_related_objects(
        alerts,
        "assessments",
        "continuances__by",
        Prefetch("notifications", queryset=sent, to_attr="reached"),
        Prefetch("pilot__memberships", queryset=members),
        Prefetch("pilot__decision__memberships", queryset=members),
    )


def answerable(user: User, rows: Sequence[AlertRow]) -> set[int]:
    """Return the keys of the rows this person may answer, as `can_answer_alert` does one by one."""
    keys = [row.alert.pk for row in rows]
    told = set(Notification.objects.filter(user=user, alert__in=keys).values_list("alert", flat=True))
    return {row.alert.pk for row in rows if row.alert.pk in told or _has_a_part(user, row.alert)}


def _has_a_part(user: User, alert: Alert) -> bool:
    people = people_of(alert)
    has_role = any(user in people.get(role, ()) for role in ANSWERING)
    return user.is_superuser or alert.owner_id == user.pk or has_role


def who_answers(row: AlertRow) -> list[str]:
    """Name everybody whose part it is to answer an alert."""
    people = people_of(row.alert)
    return list(dict.fromkeys(str(user) for role in ANSWERING for user in people.get(role, ())))


def alert_row(alert: Alert, *, now: datetime) -> AlertRow:
    """Build a row from an alert whose people, messages and assessments are fetched."""
    heading = headline_of(alert)
    newest = next(iter(alert.assessments.all()), None)
    share = known_share(newest.share, newest.share_basis) if newest else None
    over = alert.status == Alert.Status.RESOLVED
    return AlertRow(
        alert=alert,
        heading=heading.text,
        rest=heading.rest,
        notes=tuple(_notes(alert, now)),
        impact=tuple(impact_facts(newest)) if newest else (),
        score=None if over else alert_score(alert, share, now=now),
        hold=_hold(alert, now),
    )


def _notes(alert: Alert, now: datetime) -> Iterator[str]:
    """Yield what else has to be known of an alert."""
    if alert.kind == Alert.Kind.STOP_CONDITION and alert.status != Alert.Status.RESOLVED:
        yield from _what_a_stop_asks(alert)
    if alert.late:
        yield "Late or corrected readings opened it."
    if alert.flapping_since:
        yield f"It comes and goes; it is held open since {_at(alert.flapping_since, now)}."
    if alert.stalled_at:
        yield f"Nobody acts on it: since {_at(alert.stalled_at, now)} nobody is told again."
    if alert.previous:
        yield f"It was open before, as {alert.previous.ref}."


def _what_a_stop_asks(alert: Alert) -> Iterator[str]:
    if alert.pilot.status == Pilot.Status.PAUSED:
        yield "The pilot is paused."
    match alert.result.get("standing"):
        case Standing.EASED:
            yield "The numbers are back inside the limit. A stop does not close itself: decide."
        case Standing.OVER | Standing.WITHDRAWN:
            return  # its sentence says so
        case _:
            yield "It stays open until somebody decides: continue, pause or stop."


def impact_facts(newest: ImpactAssessment) -> Iterator[Fact]:
    """Yield what an assessment says, each number with what it rests on."""
    yield _fact("Customers", _accounts(newest), newest.accounts_basis)
    yield _fact("Complaints", _counted(newest.tickets, "case"), newest.tickets_basis)
    yield _fact("Cost", _cost(newest), newest.cost_basis)
    if newest.criticality is not None:
        why = f", {newest.criticality_reason}" if newest.criticality_reason else ""
        yield Fact("Severity", f"{newest.severity}{why}", f"weight {newest.criticality} of 4")


def _accounts(newest: ImpactAssessment) -> str:
    share = "" if newest.share is None else percent(newest.share)
    accounts = _counted(newest.accounts, "account")
    return ", ".join(part for part in (accounts, f"{share} of all" if share else "") if part)


def _cost(newest: ImpactAssessment) -> str:
    if newest.cost is None:
        return ""
    about = "about " if newest.cost_basis == Basis.ESTIMATE else ""
    method = f", {newest.cost_method}" if newest.cost_method else ""
    return f"{about}{number(float(newest.cost))} {newest.cost_currency}".strip() + method


def _counted(count: int | None, noun: str) -> str:
    return "" if count is None else counted(count, noun)


def _fact(name: str, text: str, basis: str) -> Fact:
    if not text or basis in (Basis.UNKNOWN, Basis.NONE):
        return Fact(name, BASES[Basis(basis)] if basis in (Basis.UNKNOWN, Basis.NONE) else "not said", "")
    return Fact(name, text, BASES[Basis(basis)])


def _hold(alert: Alert, now: datetime) -> Hold:
    match alert.status:
        case Alert.Status.RESOLVED:
            return Hold("track", resolution_words(alert), tuple(_ending(alert, now)))
        case Alert.Status.SNOOZED:
            until = f"until {_at(alert.snoozed_until, now)}" if alert.snoozed_until else ""
            return Hold("mute", f"Snoozed by {alert.snoozed_by}", (until, f"“{alert.snooze_reason}”"))
        case Alert.Status.ACKNOWLEDGED:
            ends = alert.acknowledged_until
            asked = f"until {_at(ends, now)}, then asked again" if ends else ""
            return Hold("person", str(alert.owner), tuple(line for line in (asked,) if line))
    return Hold("", "Nobody has it yet", tuple(_told(alert, now)))


def _ending(alert: Alert, now: datetime) -> Iterator[str]:
    if alert.resolved_at:
        yield _at(alert.resolved_at, now)
    if alert.accepted_by and alert.accepted_until:
        yield f"by {alert.accepted_by}, until {_day(alert.accepted_until, now)}"
    for decided in list(alert.continuances.all())[-1:]:
        yield f"by {decided.by}" + (f", until {_day(decided.until, now)}" if decided.until else "")


def _told(alert: Alert, now: datetime) -> Iterator[str]:
    """Yield who is told next and when, and who was told so far."""
    people = people_of(alert)
    ahead = [listed(names_of(step, people)) for step in alert.chain[alert.chain_step :]]
    if alert.step_due_at and ahead:
        when = "Any minute" if alert.step_due_at <= now else _at(alert.step_due_at, now)
        yield f"{when} {ahead[0]} {'are' if ' and ' in ahead[0] else 'is'} told"
        if ahead[1:]:
            yield f"then {ahead[1]}"
    elif alert.repeat_at and not alert.stalled_at:
        yield f"{_at(alert.repeat_at, now)} told again"
    told = told_so_far(alert, now)
    yield f"Told so far: {told}" if told else "Nobody was told yet"


def people_of(alert: Alert) -> Mapping[str, Sequence[User]]:
    pilot = alert.pilot
    return grouped_by_role(pilot, [*pilot.memberships.all(), *pilot.decision.memberships.all()])


def names_of(step: Mapping[str, object], people: Mapping[str, Sequence[User]]) -> list[str]:
    """Name whom a step of a chain tells; where none of them is there it is the decision owner."""
    wanted = step.get("notify")
    found = [name for entry in (wanted if isinstance(wanted, list) else []) for name in _named(entry, people)]
    owners = people.get(Role.DECISION_OWNER, ())
    return list(dict.fromkeys(found)) or [str(user) for user in owners[:1]] or ["nobody"]


def _named(entry: str, people: Mapping[str, Sequence[User]]) -> list[str]:
    if entry in Role.values:
        return [str(user) for user in people.get(entry, ())]
    return [entry.removeprefix("to:")]


def told_so_far(alert: Alert, now: datetime) -> str:
    """Name everybody a message has reached, each with when it first did."""
    first: dict[str, datetime] = {}
    for message in getattr(alert, "reached", ()):
        name = str(message.user or message.recipient)
        first.setdefault(name, message.sent_at or message.created_at)
    named = [f"{name}, {_at(at, now)}" for name, at in list(first.items())[:MOST_NAMED]]
    more = len(first) - MOST_NAMED
    return "; ".join([*named, f"and {more} more"] if more > 0 else named)


def _day(day: date, now: datetime) -> str:
    return day_words(day, today=timezone.localdate(now))


def _at(at: datetime, now: datetime) -> str:
    return instant_words(timezone.localtime(at), now=timezone.localtime(now))
