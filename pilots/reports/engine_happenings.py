"""What the engine noticed on a pilot and told: headlines, alerts, mails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import F, Max, QuerySet, Value, Window
from django.db.models.functions import Lag

from pilots.evaluation.wording import listed, on
from pilots.models import AlertEvent, Evaluation, Notification, Pilot
from pilots.reports.alert_words import event_words
from pilots.reports.happenings import Entry, Wanted
from pilots.reports.looks import verdict_look

CHANNELS = {"email": "by mail", "webhook": "by webhook", "chat": "in chat"}


def headlines(pilot: Pilot, wanted: Wanted) -> Iterator[Entry]:
    """Tell each change of the headline; one query."""
    if not wanted.by_engine:
        return
    before = Window(Lag("verdict", default=Value("")), order_by=("as_of", "pk"))
    known = Evaluation.objects.filter(pilot=pilot.pk, recorded_at__lte=wanted.until)
    changed = known.annotate(before=before).exclude(before=F("verdict")).order_by("-as_of", "-pk")
    rows = changed.values_list("as_of", "before", "verdict", "sentence")
    for as_of, old, new, sentence in rows[: wanted.most]:
        # Narrowed here: in the query the first of a period would lose what was before it.
        if wanted.since is not None and as_of < wanted.since:
            return
        look = verdict_look(new)
        title = (
            f"Headline changed from {verdict_look(old).word} to {look.word}"
            if old
            else f"First headline: {look.word}"
        )
        yield Entry(as_of, "verdicts", look.icon, title, f"By the engine. {sentence}", look.css)


def alert_turns(pilot: Pilot, wanted: Wanted) -> Iterator[Entry]:
    """Tell each turn of each alert, in the words of its day; one query."""
    events = AlertEvent.objects.filter(alert__pilot=pilot.pk).select_related("alert", "actor")
    for event in wanted.of(events, at="at", who="actor").order_by("-at", "-pk")[: wanted.most]:
        wanted.named(event.actor)
        opened = event.kind == AlertEvent.Kind.OPENED
        said = event.note or (event.stood.get("sentence") or event.alert.sentence if opened else "")
        until = _until_words(event, pilot)
        text = f"{said.rstrip('.')}. {until}" if said and until else said or until
        yield Entry(event.at, "alerts", "bell", _turn_words(event), text, alert=event.alert_id)


def _until_words(event: AlertEvent, pilot: Pilot) -> str:
    """Say until when something holds that somebody decided of an alert."""
    until = event.facts.get("until")
    if not until:
        return ""
    if "T" not in until:
        return f"Until {on(date.fromisoformat(until))}."
    at = datetime.fromisoformat(until).astimezone(ZoneInfo(pilot.timezone))
    return f"Until {on(at.date())}, {at:%H:%M}."


def _turn_words(event: AlertEvent) -> str:
    words = event_words(event)
    happened = words if event.actor else f"{words[:1].lower()}{words[1:]}"
    return f"{event.alert.ref}, {event.alert.get_kind_display().lower()}: {happened}"


def mails(pilot: Pilot, wanted: Wanted) -> Iterator[Entry]:
    """Tell who was told of each turn of an alert once it was sent; two queries."""
    of_turns = Notification.objects.filter(alert__pilot=pilot.pk, event__isnull=False)
    sent = wanted.of(of_turns.filter(state=Notification.State.SENT), at="sent_at", who="user")
    turns = sent.order_by().values("event", "channel").annotate(at=Max("sent_at")).order_by("-at", "-event")
    told = list(turns[: wanted.most])
    names = _recipients(sent.filter(event__in={turn["event"] for turn in told}), wanted.names)
    events = AlertEvent.objects.select_related("alert", "actor").in_bulk({turn["event"] for turn in told})
    for turn in told:
        event, who = events[turn["event"]], names[turn["event"], turn["channel"]]
        wanted.named(event.actor)
        title = f"{listed(who)} {'was' if len(who) == 1 else 'were'} told {CHANNELS[turn['channel']]}"
        yield Entry(turn["at"], "mails", "person", title, f"{_turn_words(event)}.", alert=event.alert_id)


def _recipients(
    sent: QuerySet[Notification], names: Mapping[int, str]
) -> Mapping[tuple[int | None, str], list[str]]:
    told: dict[tuple[int | None, str], list[str]] = {}
    rows = sent.order_by("pk").values_list("event", "channel", "user", "user__name", "recipient")
    for event, channel, user, name, address in rows:
        told.setdefault((event, channel), []).append(names.get(user or 0, name) or address)
    return told
