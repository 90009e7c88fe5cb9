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
from pilots.models import Baseline, Condition, Driver, Membership, Metric, Pilot, Review, Role, Stage, User

LONGEST = 60  # characters of a text that is still quoted
SHARES = {"exposure_share", "material_change"}
LIMITS = {"limit", "clear_limit"}
NOT_TOLD = {"id", "version", "pilot", "metric", "decision", "number", "moments", "daily"}


@dataclass(frozen=True, slots=True)
class Edit:
    """One save that changed something a reader would see."""

    at: datetime
    what: str
    details: tuple[str, ...]
    who: str
    reason: str


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


def edits_of(pilot: Pilot) -> list[Edit]:
    """Return every edit of a pilot and its parts, in any order; one query per kind of part."""
    records = [record for model, path in TRACKED for record in _versions(model, path, pilot)]
    names = {user.pk: str(user) for user in User.objects.filter(pk__in=_people_in(records))}
    return [edit for versions in _by_row(records) for edit in _edits(versions, names)]


def _versions(model: type[models.Model], path: str, pilot: Pilot) -> Iterable[Any]:
    history: models.Manager[Any] = model.history.model.objects  # type: ignore[attr-defined]
    return history.filter(**{path: pilot.pk}).select_related("history_user").order_by("history_id")


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
            who = str(after.history_user) if after.history_user else "engine"
            yield Edit(after.history_date, what, details, who, after.history_change_reason or "")


def _told(before: Any, after: Any, names: Mapping[int, str]) -> tuple[str, tuple[str, ...]] | None:
    """Return what one save did and its details, or None where a reader would see nothing."""
    name = _name(after, names)
    if after.history_type == "-":
        return f"{name} removed", ()
    if before is None:
        return f"{name} added", ()
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
    return str(record.name)


def _changes(before: Any, after: Any, names: Mapping[int, str]) -> Iterator[str]:
    for field in after.instance_type._meta.concrete_fields:
        old, new = getattr(before, field.attname), getattr(after, field.attname)
        if old == new or not field.editable or field.name in NOT_TOLD:
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
    return {
        value
        for record in records
        for field in record.instance_type._meta.concrete_fields
        if field.related_model is User and (value := getattr(record, field.attname))
    }
