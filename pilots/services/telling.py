"""Turn what happened to an alert into mails, one per person."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from pilots.evaluation.escalation import IN_A_SUMMARY
from pilots.evaluation.results import ConditionResult
from pilots.models import Alert, AlertEvent, Condition, Notification, Pilot, User
from pilots.services.addressing import Audience, Recipient, audience_of, person
from pilots.services.chaining import people_of_step
from pilots.services.letters import Occasion, alert_letter, early_warning_letter
from pilots.services.notifying import TOLD, queue_notification
from pilots.services.turning import Turn, enter

Kind = AlertEvent.Kind
WAITING = (Notification.State.PENDING,)
NOT_TOLD = (Notification.State.CANCELLED, Notification.State.SUPPRESSED, Notification.State.DEAD)
# From each of these on everybody is told anew.
BEGINNINGS = (Kind.OPENED, Kind.REOPENED, Kind.WORSENED, Kind.EXPIRED, Kind.WOKEN)
# What of an alert that comes and goes can wait for a summary.
COMINGS_AND_GOINGS = (Kind.REOPENED, Kind.RESOLVED, Kind.WITHDRAWN, Kind.REPEATED)


def tell(turn: Turn, occasion: Occasion, *, chart_svg: str = "") -> None:
    """Queue one mail per recipient of a turn: whoever is meant, or at the end whoever was told."""
    alert, event = turn.alert, turn.event
    audience = _audience(turn)
    if audience.note:
        enter(alert, Kind.NOTE, now=occasion.now, note=audience.note)
    for recipient in audience.recipients:
        queue_notification(
            recipient=recipient,
            letter=alert_letter(alert, event, recipient, occasion, has_chart=bool(chart_svg)),
            key=f"event {event.pk} {event.at.isoformat()}",
            alert=alert,
            event=event,
            chart_svg=chart_svg,
            digest=_can_wait(turn),
            now=occasion.now,
        )


def _can_wait(turn: Turn) -> bool:
    """Say whether a turn is for the weekly summary of who is told."""
    alert, kind = turn.alert, turn.event.kind
    comes_and_goes = alert.flapping_since is not None and kind in COMINGS_AND_GOINGS
    return comes_and_goes or (kind == Kind.REPEATED and alert.severity in IN_A_SUMMARY)


def _audience(turn: Turn) -> Audience:
    """Return who is told of a turn."""
    alert, event = turn.alert, turn.event
    if event.to_status == Alert.Status.RESOLVED:
        return _told_before(alert)
    match event.kind:
        case Kind.ESCALATED:
            return _first_told_now(people_of_step(alert.chain_step, alert), alert)
        case Kind.REMINDED | Kind.ACKNOWLEDGED:
            return Audience(tuple(_people([alert.owner])))
        case Kind.REPEATED:
            steps = (people_of_step(step, alert) for step in range(1, max(alert.chain_step, 1) + 1))
            return _together(r for audience in steps for r in audience.recipients)
        case Kind.WORSENED if alert.kind == Alert.Kind.NO_DATA:
            # Who knows already that data is missing: its growing late is for the next person.
            return _first_of(audience_of(alert), alert.notifications.all())
    return _with_who_had_it(audience_of(alert), event)


def _with_who_had_it(audience: Audience, event: AlertEvent) -> Audience:
    """Add the person whose alert or snooze this turn ended."""
    had_by = event.facts.get("had_by")
    if had_by is None:
        return audience
    had_it = _people(User.objects.filter(pk=had_by, is_active=True))
    return Audience(_together([*audience.recipients, *had_it]).recipients, audience.note)


def _people(users: Iterable[User | None]) -> list[Recipient]:
    return [person(user, "who had it") for user in users if user is not None]


def _together(recipients: Iterable[Recipient]) -> Audience:
    """Return an audience with one entry per address, the first of each."""
    by_address: dict[str, Recipient] = {}
    for recipient in recipients:
        by_address.setdefault(recipient.address, recipient)
    return Audience(tuple(by_address.values()))


def _untold(audience: Audience, told: Iterable[str]) -> Audience:
    known = set(told)
    untold = tuple(r for r in audience.recipients if r.address not in known)
    return Audience(untold, audience.note)


def _first_told_now(audience: Audience, alert: Alert) -> Audience:
    """Leave out who was told by an earlier step; where that is everybody, they are told again."""
    beginning = alert.events.filter(kind__in=BEGINNINGS).order_by("-pk").values_list("pk", flat=True).first()
    return _first_of(audience, alert.notifications.filter(event__gte=beginning or 0))


def _first_of(audience: Audience, messages: QuerySet[Notification]) -> Audience:
    """Leave out who was told by one of some messages, or is about to be; never everybody."""
    waits_for_a_summary = Q(digest=True) & ~Q(state=Notification.State.SENT)
    told = messages.exclude(waits_for_a_summary).exclude(state__in=NOT_TOLD)
    untold = _untold(audience, told.values_list("recipient", flat=True))
    return untold if untold.recipients else audience


def _told_before(alert: Alert) -> Audience:
    """Return who was told that the alert is open; what still waits to tell them is cancelled."""
    waiting = alert.notifications.filter(state__in=WAITING)
    waiting.update(state=Notification.State.CANCELLED, state_reason="Resolved before it was sent.")
    told = alert.notifications.filter(state__in=TOLD).select_related("user").order_by("-pk")
    by_address = {n.recipient: Recipient(n.recipient, n.because, n.user, n.channel) for n in told}
    return Audience(tuple(by_address[address] for address in sorted(by_address)))


def warn_early(
    found: ConditionResult, condition: Condition, pilot: Pilot, occasion: Occasion, *, chart_svg: str = ""
) -> None:
    """Queue the one mail about a stop condition that is past its limit below its floor."""
    # It is no alert; it goes to whom the alert would go to.
    would_be = Alert(
        pilot=pilot,
        kind=Alert.Kind.STOP_CONDITION,
        condition=condition,
        scope=found.scope,
        severity=found.severity.value,
    )
    for recipient in audience_of(would_be).recipients:
        queue_notification(
            recipient=recipient,
            letter=early_warning_letter(found, recipient, occasion, has_chart=bool(chart_svg)),
            key=f"early warning {condition.pk} {condition.rule_version} {found.scope}",
            chart_svg=chart_svg,
            now=occasion.now,
        )
