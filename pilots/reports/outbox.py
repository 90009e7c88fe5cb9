"""What was told to whom, on what channel, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Case, Q, QuerySet, Value, When

from pilots.models import ChannelState, Notification, Pilot, User

# It lets its reader answer in somebody else's name, so only that person's mail holds it.
PERSONAL_LINK = re.compile(r"\S*/acknowledge/\S+")


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for; what it does not know is left out."""

    state: str = ""
    channel: str = ""
    pilot: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Filters:
        state, channel = asked.get("state", ""), asked.get("channel", "")
        return cls(
            state=state if state in Notification.State.values else "",
            channel=channel if channel in Notification.Channel.values else "",
            pilot=asked.get("pilot", "").strip(),
        )

    @property
    def narrows(self) -> bool:
        return bool(self.state or self.channel or self.pilot)


@dataclass(frozen=True, slots=True)
class Shut:
    """A channel nothing gets through, and the reason."""

    name: str
    state: ChannelState


def messages_for(user: User, filters: Filters) -> QuerySet[Notification]:
    """Return the messages about pilots this person sees, and their own; what could not be sent first."""
    pilots = Pilot.objects.visible_to(user)
    told = Notification.objects.filter(Q(alert__pilot__in=pilots) | Q(user=user))
    if filters.state:
        told = told.filter(state=filters.state)
    if filters.channel:
        told = told.filter(channel=filters.channel)
    if filters.pilot:
        told = told.filter(alert__pilot__ref=filters.pilot)
    dead_first = Case(When(state=Notification.State.DEAD, then=Value(0)), default=Value(1))
    ordered = told.select_related("alert__pilot__decision", "user").order_by(dead_first, "-created_at", "-pk")
    return ordered.defer("html", "chart_svg")


def shut_now() -> Sequence[Shut]:
    names = dict(Notification.Channel.choices)
    return [Shut(names.get(s.channel, s.channel), s) for s in ChannelState.objects.order_by("channel")]


def readable(text: str) -> str:
    """Return what was sent without the link that only its recipient may follow."""
    return PERSONAL_LINK.sub("(a link of its recipient’s own)", text)
