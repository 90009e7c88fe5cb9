"""What a mail asks its reader to do, and who is told next if nobody does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from pilots.evaluation.wording import listed, on
from pilots.models import Alert, AlertEvent
from pilots.services.addressing import Recipient
from pilots.services.chaining import next_in_line
from pilots.services.links import acknowledge_link

STILL_ON_IT = "Say that you are still on it"
ACKNOWLEDGE = "Acknowledge this alert"


@dataclass(frozen=True, slots=True)
class Call:
    """The one button of a mail; `note` says what it opens and what happens without it."""

    label: str
    url: str
    note: str = ""
    answers: bool = False  # it answers for its reader


def call_of(alert: Alert, event: AlertEvent, recipient: Recipient, *, now: datetime, timezone: str) -> Call:
    """Return what this reader is asked to press; people without an account can only look."""
    if event.to_status == Alert.Status.RESOLVED or recipient.user is None:
        return open_pilot(alert.pilot.ref)
    if alert.status == Alert.Status.ACKNOWLEDGED:
        label = STILL_ON_IT if event.kind == AlertEvent.Kind.REMINDED else "Open the alert"
        return Call(label, alert_url(alert), "Opens the alert; you may have to sign in.")
    note = f"Opens a page that asks once. {told_next(alert, recipient, now=now, timezone=timezone)}".strip()
    return Call(ACKNOWLEDGE, acknowledge_link(alert, recipient.user), note, answers=True)


def told_next(alert: Alert, reader: Recipient, *, now: datetime, timezone: str) -> str:
    """Say to a reader who else is told next while nobody answers, and when; nothing where nobody is."""
    found = next_in_line(alert)
    if found is None:
        return ""
    at, audience = found
    others = (recipient for recipient in audience.recipients if recipient.address != reader.address)
    names = list(dict.fromkeys(recipient.name for recipient in others))
    if not names:
        return ""
    verb = "is" if len(names) == 1 else "are"
    return f"If nobody does so before {_at(at, now, timezone)}, {listed(names)} {verb} told next."


def _at(at: datetime, now: datetime, timezone: str) -> str:
    zone = ZoneInfo(timezone)
    here, today = at.astimezone(zone), now.astimezone(zone).date()
    return f"{here:%H:%M}" if here.date() == today else f"{on(here.date())}, {here:%H:%M}"


def open_pilot(ref: str) -> Call:
    return Call("Open the pilot", pilot_url(ref))


def pilot_url(ref: str) -> str:
    return f"{settings.BASE_URL}/pilots/{ref}/"


def alert_url(alert: Alert) -> str:
    return f"{settings.BASE_URL}/alerts/{alert.pk}/"
