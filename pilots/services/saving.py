"""How every service locks, checks and saves the rows that people edit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, FieldDoesNotExist, ValidationError
from django.db.models import Field, QuerySet
from django.utils.text import capfirst

from pilots.models import Pilot, Tracked, User
from pilots.permissions import can_edit_pilot, require
from pilots.services.errors import Reason, Refused, Stale

Row = TypeVar("Row", bound=Tracked)
BELONGING = ("pilot_id", "decision_id", "supersedes_id")  # what a row is part of is no matter of an edit


def lock(rows: QuerySet[Row], pk: int, *, seen_version: int | None = None) -> Row:
    """Return a row that nobody else can change before this transaction ends, or raise Stale."""
    row = rows.select_for_update(of=("self",)).get(pk=pk)
    if seen_version is not None and seen_version != row.version:
        raise Stale(row)
    return row


def lock_pilot(pilot_id: int) -> Pilot:
    return lock(Pilot.objects.select_related("decision"), pilot_id)


def lock_pilot_to_edit(pilot_id: int, *, by: User) -> Pilot:
    """Return a pilot whose set-up this person may change."""
    pilot = lock_pilot(pilot_id)
    require(can_edit_pilot, by, pilot)
    return pilot


def allow_change(pilot: Pilot, reason: str, where: str) -> None:
    """Refuse to change what has ended, and what has started without a reason.

    Ask it once something differs: to save what is so already is never refused.
    """
    refuse_ended(pilot)
    if pilot.started_at:
        need_reason(reason, where, because="the pilot has started")


def refuse_ended(pilot: Pilot) -> None:
    if pilot.has_ended:
        ended = pilot.get_status_display().lower()
        raise Refused(Reason(f"The pilot has ended ({ended}); its record stays as it is.", "pilot"))


def edit(row: Tracked, fields: Mapping[str, Any], *, where: str) -> frozenset[str]:
    """Set the fields, check the row and return the columns that differ now. Nothing is saved.

    Raises Refused with every mistake.
    """
    columns = _columns(row, fields, where)
    before = {column: getattr(row, column) for column in columns}
    for name, value in fields.items():
        setattr(row, name, value)
    _check(row, where)
    changed = frozenset(column for column in columns if getattr(row, column) != before[column])
    if not changed.isdisjoint(BELONGING):
        raise Refused(Reason("What this belongs to can't be edited.", where))
    return changed


def save(row: Tracked, *, by: User | None, reason: str = "") -> None:
    row.explain(by=by, reason=reason)
    row.save()


def write(
    row: Tracked,
    fields: Mapping[str, Any],
    *,
    by: User,
    where: str,
    reason: str = "",
    within: Pilot | None = None,
) -> frozenset[str]:
    """Edit and save, if the pilot it stands in allows it. Where nothing differs nothing is written."""
    changed = edit(row, fields, where=where)
    if changed or row.pk is None:
        if within is not None:
            allow_change(within, reason, where)
        save(row, by=by, reason=reason)
    return changed


def remove(row: Tracked, *, by: User, reason: str = "") -> None:
    row.explain(by=by, reason=reason)
    row.delete()


def need_reason(reason: str, where: str = "", *, because: str) -> None:
    if not reason.strip():
        raise Refused(Reason(f"Say why: {because}.", where, "reason"))


def _columns(row: Tracked, fields: Mapping[str, Any], where: str) -> list[str]:
    columns = []
    for name in fields:
        field = _editable(row, name)
        if field is None:
            raise Refused(Reason(f"“{name}” can't be edited here.", where, name))
        columns.append(field.attname)
    return columns


def _editable(row: Tracked, name: str) -> Field[Any, Any] | None:
    try:
        field = row._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return field if isinstance(field, Field) and field.editable else None


def _check(row: Tracked, where: str) -> None:
    try:
        row.full_clean()
    except ValidationError as error:
        raise Refused(*_reasons(row, error, where)) from error


def _reasons(row: Tracked, error: ValidationError, where: str) -> list[Reason]:
    reasons = []
    for name, mistakes in error.error_dict.items():
        for mistake in mistakes:
            text = " ".join(mistake.messages)
            if mistake.code in ("unique", "unique_together"):
                reasons.append(Reason("This short name is already used here.", where, "ref"))
            elif name == NON_FIELD_ERRORS:
                reasons.append(Reason(text, where))
            else:
                label = str(getattr(row._meta.get_field(name), "verbose_name", name))
                reasons.append(Reason(f"{capfirst(label)}: {text}", where, name))
    return reasons
