"""What people did on a pilot: moves, edits, readings, reviews."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Count, Max, Min

from pilots.evaluation.days import start_of_day
from pilots.evaluation.wording import on
from pilots.models import Pilot, PilotMove, ReadingRevision, Review, Stage
from pilots.reports.edits import edits_of
from pilots.reports.gathering import batch_entry
from pilots.reports.happenings import Batch, Entry, Wanted
from pilots.reports.looks import verdict_look

ARRIVED = {"new": "arrived", "corrected": "corrected", "older": "arrived, older than those known"}
SAME_GROUP = ("received_at", "source", "kind", "reason", "by", "by__name", "by__email")


def moves(pilot: Pilot, wanted: Wanted) -> Iterator[Entry]:
    """Tell each move of the pilot and its stages, with what was set aside; one query."""
    stages = {stage.pk: stage for stage in pilot.stages.all()}
    made = PilotMove.objects.filter(pilot=pilot.pk).select_related("by")
    for move in wanted.of(made, at="at", who="by").order_by("-at", "-pk")[: wanted.most]:
        wanted.named(move.by)
        aside = tuple(f"Set aside: {_set_aside(item)}" for item in move.overridden)
        text = f"{_actor(move)}: {move.reason}" if move.reason else f"By {move.actor}."
        verdict = f" The headline was {verdict_look(move.verdict).word}." if move.verdict else ""
        yield Entry(move.at, "moves", "flag", _moved(move, stages), f"{_full(text)}{verdict}", details=aside)


def _actor(move: PilotMove) -> str:
    return str(move.by) if move.by else "The engine"


def _full(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _moved(move: PilotMove, stages: Mapping[int, Stage]) -> str:
    stage = stages.get(move.stage_id or 0)
    what = f"Stage {stage.order}, {stage.name}" if stage else "Pilot"
    labels = dict(Stage.Status.choices if move.stage_id else Pilot.Status.choices)
    new, old = (str(labels.get(status, status)).lower() for status in (move.to_status, move.from_status))
    return f"{what}: {new}, after {old}"


def _set_aside(item: object) -> str:
    """Say what was refused, and why it was set aside."""
    if isinstance(item, dict):
        said = (item.get("refusal", ""), f"Because: {item['because']}" if item.get("because") else "")
        return " ".join(part for part in said if part)
    return str(item)


def edits(pilot: Pilot, wanted: Wanted) -> Iterator[Entry]:
    """Tell each edit, and each answer on a driver, as old → new with who and why."""
    found = edits_of(pilot, until=wanted.until, names=wanted.names)
    asked = [edit for edit in found if wanted.wants(edit.kind) and wanted.holds(edit.at, edit.who_id)]
    for edit in sorted(asked, key=lambda edit: edit.at, reverse=True)[: wanted.most]:
        text = _full(f"{edit.who}: {edit.reason}") if edit.reason else f"By {edit.who}."
        same = f"{text} {edit.at:%Y-%m-%d %H:%M}" if edit.added else ""
        yield Entry(
            edit.at, edit.kind, edit.icon, edit.what, text, details=edit.details, same=same, part=edit.added
        )


def deliveries(pilot: Pilot, wanted: Wanted) -> Iterator[Entry]:
    """Tell the readings of each delivery together; one query."""
    if not wanted.by_people:
        return
    arrived = wanted.of(ReadingRevision.objects.filter(metric__pilot=pilot.pk), at="received_at", who="by")
    groups = arrived.order_by().values(*SAME_GROUP)
    told = groups.annotate(first=Min("day"), last=Max("day"), rows=Count("pk"))
    for group in told.order_by("-received_at", *SAME_GROUP[1:])[: wanted.most]:
        known = wanted.names.get(group["by"] or 0)
        yield _delivery(group, known or group["by__name"] or group["by__email"] or "")


def _delivery(group: Mapping[str, Any], who: str) -> Entry:
    said = (f", from {group['source']}" if group["source"] else "", f", by {who}" if who else "")
    reason = f" {_full(group['reason'])}" if group["reason"] else ""
    source = f"{''.join(said)}.{reason}"
    batch = Batch(group["first"], group["last"], group["rows"], ARRIVED[group["kind"]], source)
    return batch_entry(
        Entry(group["received_at"], "readings", "data", "", "", same=batch.came + source), batch
    )


def reviews(pilot: Pilot, wanted: Wanted) -> Iterator[Entry]:
    """Tell the reviews that were signed or missed; they were fetched with the pilot."""
    for review in pilot.reviews.all():
        entry = _review(review, pilot)
        if entry is not None and wanted.holds(entry.at, review.reviewer_id):
            yield entry


def _review(review: Review, pilot: Pilot) -> Entry | None:
    if review.signed_at is not None:
        title = f"{review.get_kind_display()} review signed: {review.get_outcome_display().lower()}"
        return Entry(review.signed_at, "reviews", "cal", title, f"{review.reviewer}. {review.note}".strip())
    if review.status != Review.Status.MISSED:
        return None
    at = start_of_day(review.due_on, pilot.timezone)
    return Entry(at, "reviews", "cal", f"Review of {on(review.due_on)} missed", "Nobody signed it in time.")
