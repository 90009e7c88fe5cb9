"""One alert whole: the rule it was held against, the numbers, what happened, who was told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from pilots.evaluation.vocabulary import Comparison
from pilots.evaluation.wording import amount, listed, number, percent, range_words, sentence_case, way_words
from pilots.models import Alert, AlertEvent, Condition, Notification, User
from pilots.reports.alert_holds import REACHED
from pilots.reports.alert_rows import AlertRow, alert_rows
from pilots.reports.alert_words import event_words, headline_of
from pilots.reports.looks import DELIVERIES, WAITING, Look
from pilots.reports.rules import rule_words
from pilots.reports.words import day_words, instant_words

RULE = ("kind", "comparison", "limit", "scope", "sustained_periods", "sustained_days", "data_state")
ON_ITS_WAY = (Notification.State.PENDING, Notification.State.CLAIMED)
ICONS = {
    AlertEvent.Kind.ACKNOWLEDGED: "person",
    AlertEvent.Kind.STILL_ON_IT: "person",
    AlertEvent.Kind.SNOOZED: "mute",
    AlertEvent.Kind.NOTE: "edit",
    AlertEvent.Kind.CONTINUED: "flag",
    AlertEvent.Kind.ACCEPTED: "flag",
    AlertEvent.Kind.RESOLVED: "track",
    AlertEvent.Kind.RECOVERED: "track",
    AlertEvent.Kind.WORSENED: "escalate",
    AlertEvent.Kind.EXPIRED: "clock",
    AlertEvent.Kind.REMINDED: "clock",
}


@dataclass(frozen=True, slots=True)
class Number:
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One entry of an alert's timeline: `bound` says until when or until what something holds."""

    at: datetime
    icon: str
    title: str
    note: str
    bound: str
    told: str
    waiting: str


@dataclass(frozen=True, slots=True)
class Message:
    row: Notification
    look: Look
    name: str


@dataclass(frozen=True, slots=True)
class AlertPage:
    row: AlertRow
    rule: str
    rule_facts: tuple[Number, ...]
    numbers: tuple[Number, ...]
    turns: tuple[Turn, ...]
    messages: tuple[Message, ...]

    @property
    def alert(self) -> Alert:
        return self.row.alert


def alert_page(alert_id: int, *, now: datetime) -> AlertPage:
    row = alert_rows([alert_id], now=now)[0]
    alert = row.alert
    messages = list(alert.notifications.defer("text", "html", "chart_svg").select_related("user"))
    return AlertPage(
        row=row,
        rule=_rule_words(alert),
        rule_facts=tuple(_rule_facts(alert)),
        numbers=tuple(_numbers(alert)),
        turns=tuple(_turns(alert, messages)),
        messages=tuple(_message(message) for message in messages),
    )


def _rule_words(alert: Alert) -> str:
    """Say the rule as it was frozen when the alert opened; empty where a rule is not what raised it."""
    if alert.condition is None or not alert.rule_snapshot:
        return ""
    frozen = {name: alert.rule_snapshot[name] for name in RULE if alert.rule_snapshot.get(name) is not None}
    condition = alert.condition
    return rule_words(
        Condition(ref=condition.ref, metric=condition.metric, driver=condition.driver, **frozen)
    )


def _rule_facts(alert: Alert) -> Iterator[Number]:
    rule = alert.rule_snapshot
    if alert.condition is not None:
        yield Number("Rule", f"{rule.get('ref', alert.condition.ref)}, version {rule.get('version', 1)}")
    if rule.get("baseline_version"):
        yield Number("Baseline", f"version {rule['baseline_version']}")
    if alert.scope != "overall" and alert.condition is not None:
        yield Number("For", alert.scope.replace("|", ", "))


def _numbers(alert: Alert) -> Iterator[Number]:
    """Yield what was last found, and the first and the worst of it."""
    found, say = alert.result, _sayer(alert)
    if found.get("value") is not None and alert.condition:
        yield Number("Last found", say(found["value"]))
        if found.get("baseline") is not None:
            yield Number("Before", say(found["baseline"]))
    if found.get("change") is not None:
        yield Number("Change", f"{percent(found['change'])} {way_words(found['change'])}")
    if alert.condition and found.get("low") is not None and found.get("high") is not None:
        yield Number("Likely", range_words(found["low"], found["high"]))
    if alert.first_value is not None and alert.condition:
        yield Number("When it opened", say(alert.first_value))
    if alert.worst_value is not None and alert.condition:
        yield Number("Worst so far", say(alert.worst_value))
    if found.get("n"):
        yield Number("From", f"{found['n']:,} cases")
    yield Number("Seen", "once" if alert.count == 1 else f"{alert.count:,} times")


def _sayer(alert: Alert) -> Any:
    """Return how a value of this alert is written: with its metric's unit, or a gap as a share."""
    condition = alert.condition
    if alert.scope.startswith("gap:") or (alert.result.get("value") is None):
        return percent
    if condition and condition.metric:
        spec = condition.metric.spec
        return lambda value: amount(value, spec)
    return number


def _turns(alert: Alert, messages: list[Notification]) -> Iterator[Turn]:
    events = list(alert.events.select_related("actor").order_by("-at", "-pk"))
    takers = User.objects.in_bulk({event.facts["to"] for event in events if "to" in event.facts})
    for event in events:
        of_event = [message for message in messages if message.event_id == event.pk]
        opened = event.kind == AlertEvent.Kind.OPENED and not event.note
        yield Turn(
            at=event.at,
            icon=ICONS.get(AlertEvent.Kind(event.kind), "bell"),
            title=event_words(event, handed_to=str(takers.get(event.facts.get("to"), ""))),
            note=headline_of(alert).text if opened else event.note,
            bound=_bound(event, alert),
            told=_names(of_event, REACHED),
            waiting=_names(of_event, ON_ITS_WAY),
        )


def _bound(event: AlertEvent, alert: Alert) -> str:
    """Say until when a person let something be, or until what."""
    until, limit = event.facts.get("until"), event.facts.get("limit")
    bounds = [_until_words(until)] if until else []
    if limit is not None:
        relative = alert.rule_snapshot.get("comparison") in (Comparison.WORSEN_BY, Comparison.IMPROVE_BY)
        worse = f"worse by more than {percent(limit)}" if relative else f"past {_sayer(alert)(limit)}"
        bounds.append(f"until it is {worse}")
    return f"{sentence_case(', or '.join(bounds))}." if bounds else ""


def _until_words(until: str) -> str:
    if "T" not in until:
        return f"until {day_words(date.fromisoformat(until), today=timezone.localdate())}"
    at = timezone.localtime(datetime.fromisoformat(until))
    return f"until {instant_words(at, now=timezone.localtime())}"


def _names(messages: list[Notification], states: tuple[Notification.State, ...]) -> str:
    return listed(sorted({_name(message) for message in messages if message.state in states}))


def _name(message: Notification) -> str:
    return str(message.user or message.recipient)


def _message(message: Notification) -> Message:
    return Message(message, DELIVERIES.get(message.state, WAITING), _name(message))
