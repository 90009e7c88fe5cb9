"""What people changed, from the kept versions, field by field in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, pairwise
from typing import Any

from django.db import models

from pilots.evaluation.vocabulary import Comparison
from pilots.evaluation.wording import number, on, percent
from pilots.models import (
    Baseline,
    Condition,
    Decision,
    Driver,
    DriverAnswer,
    Membership,
    Metric,
    Option,
    Pilot,
    Review,
    Risk,
    Role,
    Stage,
    User,
)

LONGEST = 60  # characters of a text that is still quoted
SHARES = {"exposure_share", "material_change"}
LIMITS = {"limit", "clear_limit"}
NOT_TOLD = {"id", "version", "pilot", "metric", "decision", "number", "moments", "daily"}
HEAVY: dict[type[models.Model], tuple[str, ...]] = {Baseline: ("moments", "daily")}
ICONS = {"moves": "flag", "reviews": "cal"}


@dataclass(frozen=True, slots=True)
class Edit:
    """One save that changed something a reader would see; `kind` is one of the timeline's."""

    at: datetime
    what: str
    details: tuple[str, ...]
    who: str
    who_id: int | None
    reason: str
    kind: str = "edits"
    added: str = ""

    @property
    def icon(self) -> str:
        return ICONS.get(self.kind, "edit")


TRACKED: tuple[tuple[type[models.Model], str], ...] = (
    (Pilot, "id"),
    (Stage, "pilot_id"),
    (Metric, "pilot_id"),
    (Baseline, "metric__pilot_id"),
    (Driver, "pilot_id"),
    (Condition, "pilot_id"),
    (Membership, "pilot_id"),
    (Review, "pilot_id"),
)
OF_DECISION: tuple[tuple[type[models.Model], str], ...] = (
    (Decision, "id"),
    (Option, "decision_id"),
    (Risk, "decision_id"),
    (Membership, "decision_id"),
)


def edits_of(pilot: Pilot, *, until: datetime, names: Mapping[int, str] | None = None) -> list[Edit]:
    """Return every edit of a pilot, its parts and its decision by an instant, in any order.

    One query per kind of part. `names` says what people were called then, where not as now.
    """
    records = [
        *(record for model, path in TRACKED for record in _versions(model, path, pilot.pk, until)),
        *(r for model, path in OF_DECISION for r in _versions(model, path, pilot.decision_id, until)),
    ]
    known = {user.pk: str(user) for user in User.objects.filter(pk__in=_people_in(records))}
    called = known | dict(names or {})
    return [edit for versions in _by_row(records) for edit in _edits(versions, called)]


def _versions(model: type[models.Model], path: str, pk: int, until: datetime) -> Iterable[Any]:
    history: models.Manager[Any] = model.history.model.objects  # type: ignore[attr-defined]
    found = history.filter(**{path: pk, "history_date__lte": until}).defer(*HEAVY.get(model, ()))
    return found.order_by("history_id")


def _by_row(records: Iterable[Any]) -> Iterator[list[Any]]:
    def row(record: Any) -> tuple[str, int]:
        return (type(record).__name__, record.id)

    for _, versions in groupby(sorted(records, key=row), key=row):
        yield sorted(versions, key=lambda record: record.history_id)


def _edits(versions: Sequence[Any], names: Mapping[int, str]) -> Iterator[Edit]:
    for before, after in pairwise([None, *versions]):
        told = _told(before, after, names)
        if told is not None:
            what, details = told
            who = names.get(after.history_user_id, "the engine")
            reason, kind = after.history_change_reason or "", _kind(before, after)
            added = _name(after, names) if before is None and after.history_type != "-" else ""
            yield Edit(after.history_date, what, details, who, after.history_user_id, reason, kind, added)


def _kind(before: Any, after: Any) -> str:
    if _is_answer(before, after):
        return "reviews"
    return "moves" if _has_moved(before, after) else "edits"


def _is_answer(before: Any, after: Any) -> bool:
    """Say whether a reviewer answered a driver with this save, the same answer as before included."""
    if before is None or after.instance_type is not Driver or not after.answer:
        return False
    answered = (after.answer, after.answered_by_id, after.answered_on)
    said_again = str(after.history_change_reason or "").startswith(f"{DriverAnswer(after.answer).label}: ")
    return answered != (before.answer, before.answered_by_id, before.answered_on) or said_again


def _has_moved(before: Any, after: Any) -> bool:
    return before is not None and after.instance_type is Decision and before.status != after.status


def _is_told_elsewhere(before: Any, after: Any) -> bool:
    """A review that was signed or missed is told of as such."""
    over = (Review.Status.SIGNED_OFF, Review.Status.MISSED)
    return after.instance_type is Review and after.status in over and before.status not in over


def _told(before: Any, after: Any, names: Mapping[int, str]) -> tuple[str, tuple[str, ...]] | None:
    """Return what one save did and its details, or None where a reader would see nothing."""
    name = _name(after, names)
    if after.history_type == "-":
        return f"{name} removed", ()
    if before is None:
        return f"{name} added", ()
    if _is_told_elsewhere(before, after):
        return None
    if _is_answer(before, after):
        return f"{name}: {DriverAnswer(after.answer).label.lower()}", ()
    if _has_moved(before, after):
        labels = dict(Decision.Status.choices)
        return f"Decision: {labels[after.status].lower()}, after {labels[before.status].lower()}", ()
    if getattr(after, "finalised_at", None) and not before.finalised_at:
        return f"{name} finalised", ()
    changes = tuple(_changes(before, after, names))
    if not changes:
        return None
    if len(changes) == 1:
        return f"{name}: {changes[0]}", ()
    return f"{name}: {len(changes)} changes", changes


def _name(record: Any, names: Mapping[int, str]) -> str:
    match record.instance_type.__name__:
        case "Condition":
            return str(record.ref)
        case "Membership":
            return f"{names.get(record.user_id, 'Somebody')} as {Role(record.role).label.lower()}"
        case "Baseline":
            return f"Baseline {record.number}"
        case "Review":
            return f"Review due {on(record.due_on)}"
        case "Pilot":
            return "Pilot"
        case "Stage":
            return f"Stage {record.order}, {record.name}"
        case "Decision":
            return "Decision"
        case "Option":
            return f"Option {record.key}"
        case "Risk":
            return f"Risk “{record.text}”" if len(record.text) <= LONGEST else "A risk"
    return str(record.name)


def _changes(before: Any, after: Any, names: Mapping[int, str]) -> Iterator[str]:
    for field in after.instance_type._meta.concrete_fields:
        if not field.editable or field.name in NOT_TOLD:
            continue
        if getattr(before, field.attname) == getattr(after, field.attname):
            continue
        one, other = (_words(field, record, names) for record in (before, after))
        told = f"from {one} to {other}" if max(len(one), len(other)) <= LONGEST else ""
        yield f"{field.verbose_name} changed {told}".rstrip()


def _words(field: Any, record: Any, names: Mapping[int, str]) -> str:
    value = getattr(record, field.attname)
    if value in (None, "", [], {}):
        return "nothing"
    if field.related_model is User:
        return names.get(value, "somebody")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if field.choices:
        return str(dict(field.flatchoices).get(value, value)).lower()
    if isinstance(value, datetime | date):
        return on(value)
    if isinstance(value, float | int):
        return percent(value) if _is_share(field, record) else number(value)
    return _listed(value) if isinstance(value, list | dict) else f"“{value}”"


def _is_share(field: Any, record: Any) -> bool:
    if field.name in LIMITS:
        return bool(record.comparison) and Comparison(record.comparison).is_relative
    return field.name in SHARES


def _listed(value: list[Any] | dict[str, Any]) -> str:
    if isinstance(value, dict):
        return "; ".join(
            f"{name}: {_listed(part) if isinstance(part, list) else part}" for name, part in value.items()
        )
    return ", ".join(str(part) for part in value)


def _people_in(records: Iterable[Any]) -> set[int]:
    """Return whom records name, and who made them."""
    named = {
        value
        for record in records
        for field in record.instance_type._meta.concrete_fields
        if field.related_model is User and (value := getattr(record, field.attname))
    }
    return named | {record.history_user_id for record in records if record.history_user_id}
