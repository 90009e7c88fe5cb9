"""What happened on a pilot: verdicts, alerts, moves, edits and readings in one order, the newest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Max, Min, Sum, Value, Window
from django.db.models.functions import Lag

from pilots.evaluation.days import start_of_day
from pilots.evaluation.wording import counted, on
from pilots.models import AlertEvent, Evaluation, Pilot, ReadingRevision, Review, Stage
from pilots.reports.edits import edits_of
from pilots.reports.looks import verdict_look
from pilots.reports.words import span_words

KINDS = {
    "all": "Everything",
    "verdicts": "Verdicts",
    "alerts": "Alerts",
    "edits": "Edits",
    "readings": "Readings",
    "reviews": "Reviews",
}
READINGS_BACK = timedelta(days=90)
MOST_OF_A_KIND = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened: `kind` is one of KINDS, the look is a verdict's where it was one.

    `alert` is the key of the alert it happened to.
    """

    at: datetime
    kind: str
    icon: str
    title: str
    text: str
    css: str = ""
    details: tuple[str, ...] = ()
    alert: int | None = None


def timeline_of(pilot: Pilot, *, now: datetime) -> list[Entry]:
    """Return everything that happened, the newest first, in a fixed number of queries."""
    told = (
        _verdicts(pilot),
        _alerts(pilot),
        _moves(pilot),
        _edits(pilot),
        _readings(pilot, now),
        _reviews(pilot),
    )
    return sorted((entry for entries in told for entry in entries), key=lambda e: e.at, reverse=True)


def _verdicts(pilot: Pilot) -> Iterator[Entry]:
    before = Window(Lag("verdict", default=Value("")), order_by=("as_of", "pk"))
    changed = Evaluation.objects.filter(pilot=pilot).annotate(before=before).exclude(before=F("verdict"))
    rows = changed.order_by("-as_of", "-pk").values_list("as_of", "before", "verdict", "sentence")
    for as_of, old, new, sentence in rows[:MOST_OF_A_KIND]:
        look = verdict_look(new)
        came = f"from {verdict_look(old).word} to {look.word}" if old else f"is {look.word}"
        title = f"Headline changed {came}" if old else f"First headline: {look.word}"
        yield Entry(as_of, "verdicts", look.icon, title, f"By the engine. {sentence}", look.css)


def _alerts(pilot: Pilot) -> Iterator[Entry]:
    events = AlertEvent.objects.filter(alert__pilot=pilot).select_related("alert", "actor")
    for event in events.order_by("-at", "-pk")[:MOST_OF_A_KIND]:
        alert, who = event.alert, str(event.actor) if event.actor else "engine"
        title = f"{alert.ref}, {alert.get_kind_display().lower()}: {event.get_kind_display().lower()}"
        said = event.note or (alert.sentence if event.kind == AlertEvent.Kind.OPENED else "")
        yield Entry(event.at, "alerts", "bell", title, f"By {who}. {said}".strip(), alert=alert.pk)


def _moves(pilot: Pilot) -> Iterator[Entry]:
    stages = {stage.pk: stage for stage in pilot.stages.all()}
    for move in pilot.moves.select_related("by"):
        stage = stages.get(move.stage_id or 0)
        what = f"Stage {stage.order}, {stage.name}" if stage else "Pilot"
        labels = dict(Stage.Status.choices if stage else Pilot.Status.choices)
        new, old = labels.get(move.to_status, move.to_status), labels.get(move.from_status, move.from_status)
        title = f"{what}: {new.lower()}, after {old.lower()}"
        aside = tuple(f"Set aside: {text}" for text in map(_set_aside, move.overridden))
        verdict = f" The headline was {verdict_look(move.verdict).word}." if move.verdict else ""
        text = (
            f"{move.actor.capitalize() if not move.by else move.actor}: {move.reason}"
            if move.reason
            else f"By {move.actor}."
        )
        yield Entry(move.at, "edits", "flag", title, f"{text}{verdict}", details=aside)


def _set_aside(item: object) -> str:
    if isinstance(item, dict):
        return " ".join(str(part) for part in item.values())
    return str(item)


def _edits(pilot: Pilot) -> Iterator[Entry]:
    for edit in edits_of(pilot):
        text = f"{edit.who}: {edit.reason}" if edit.reason else f"By {edit.who}."
        yield Entry(edit.at, "edits", "edit", edit.what, text, details=edit.details)


def _readings(pilot: Pilot, now: datetime) -> Iterator[Entry]:
    """Tell each delivery of the last months: up to which day, how many cases, from where."""
    arrived = ReadingRevision.objects.filter(metric__pilot=pilot, received_at__gte=now - READINGS_BACK)
    batches = arrived.values("received_at", "source", "kind", "reason", "by__name").order_by("-received_at")
    told = batches.annotate(first=Min("day"), last=Max("day"), cases=Sum("n"), rows=Count("pk"))
    for batch in told[:MOST_OF_A_KIND]:
        days = (
            on(batch["last"])
            if batch["first"] == batch["last"]
            else span_words(batch["first"], batch["last"])
        )
        word = {"new": "arrived", "corrected": "corrected"}.get(
            batch["kind"], "arrived, older than those known"
        )
        source = batch["source"] or batch["by__name"] or ""
        said = [counted(batch["rows"], "reading"), f"from {source}" if source else "", batch["reason"]]
        text = ", ".join(part for part in said if part)
        yield Entry(batch["received_at"], "readings", "data", f"Readings of {days} {word}", f"{text}.")


def _reviews(pilot: Pilot) -> Iterator[Entry]:
    for review in pilot.reviews.all():
        if review.signed_at is not None:
            title = f"{review.get_kind_display()} review signed: {review.get_outcome_display().lower()}"
            text = f"{review.reviewer}. {review.note}".strip()
            yield Entry(review.signed_at, "reviews", "cal", title, text)
        elif review.status == Review.Status.MISSED:
            yield _missed(review, pilot)


def _missed(review: Review, pilot: Pilot) -> Entry:
    at = start_of_day(review.due_on, pilot.timezone)
    return Entry(at, "reviews", "cal", f"Review of {on(review.due_on)} missed", "Nobody signed it in time.")
