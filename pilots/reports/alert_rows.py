"""One row of the queue: what is wrong, whom it hurts, how urgent it is, who has it and who is told next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, prefetch_related_objects

from pilots.evaluation.priority import Score
from pilots.evaluation.signals import Standing
from pilots.models import Alert, Membership, Notification, Pilot
from pilots.reports.alert_holds import REACHED, Hold, at_words, hold_of
from pilots.reports.alert_impacts import Fact, impact_facts
from pilots.reports.alert_scores import alert_score, known_share
from pilots.reports.alert_words import cap_words, headline_of

CLOSED_BY_PEOPLE = (Alert.Kind.STOP_CONDITION, Alert.Kind.MANUAL)


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
        hold=hold_of(alert, now),
    )


def _notes(alert: Alert, now: datetime) -> Iterator[str]:
    """Yield what else has to be known of an alert."""
    if alert.kind == Alert.Kind.STOP_CONDITION and alert.status != Alert.Status.RESOLVED:
        yield from _what_a_stop_asks(alert)
    if alert.late:
        yield "Late or corrected readings opened it."
    if alert.flapping_since and alert.status != Alert.Status.RESOLVED:
        yield f"It comes and goes; it is held open since {at_words(alert.flapping_since, now)}."
    if alert.stalled_at:
        yield f"Nobody acts on it: since {at_words(alert.stalled_at, now)} nobody is told again."
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
