"""Rows as they stood at an instant, from the versions that are kept of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db import models
from django.db.models import OuterRef, Subquery

from pilots.models import Tracked, User

Row = TypeVar("Row", bound=Tracked)


def rows_at(model: type[Row], instant: datetime, **where: Any) -> list[Row]:
    """Return the rows that stood at an instant, by key; of versions of one instant the last. One query.

    Rows they point to are not fetched: what was meant is how those stood too.
    """
    versions = _versions(model)
    of_row = versions.filter(id=OuterRef("id"), history_date__lte=instant)
    newest = of_row.order_by("-history_date", "-history_id").values("history_id")[:1]
    standing = versions.filter(**where, history_id=Subquery(newest)).exclude(history_type="-")
    return [version.instance for version in standing.order_by("id")]


def first_version_of(model: type[Tracked], pk: int) -> datetime | None:
    """Return when a row was first saved."""
    first: datetime | None = _versions(model).filter(id=pk).aggregate(at=models.Min("history_date"))["at"]
    return first


def _versions(model: type[models.Model]) -> models.Manager[Any]:
    history: models.Manager[Any] = model.history.model.objects  # type: ignore[attr-defined]
    return history


def people_at(ids: Iterable[int | None], instant: datetime) -> dict[int, User]:
    """Return people with the name, address and state they had at an instant; two queries.

    Who was added later, or before versions were kept, is who they are now.
    """
    people = User.objects.in_bulk({pk for pk in ids if pk is not None})
    versions = _versions(User).filter(id__in=people, history_date__lte=instant)
    for version in versions.order_by("history_date", "history_id"):
        person = people[version.id]
        person.name, person.email, person.is_active = version.name, version.email, version.is_active
    return people


def names_then(instant: datetime) -> dict[int, str]:
    """Return what people were called at an instant, of those whose account was touched since."""
    touched = _versions(User).filter(history_date__gt=instant).values("id")
    before = _versions(User).filter(id__in=touched, history_date__lte=instant)
    names = before.order_by("history_date", "history_id").values_list("id", "name", "email")
    return {pk: name or email for pk, name, email in names}


def give(row: models.Model, related: Mapping[str, Sequence[models.Model]]) -> None:
    """Give a row what belongs to it, so that its `.all()` asks no database."""
    held = vars(row).setdefault("_prefetched_objects_cache", {})
    for name, rows in related.items():
        found: Any = getattr(row, name).none()
        found._result_cache, found._prefetch_done = list(rows), True
        held[name] = found


def grouped(rows: Iterable[Row], by: str) -> dict[Any, list[Row]]:
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        groups.setdefault(getattr(row, by), []).append(row)
    return groups


def name_people(rows: Iterable[models.Model], people: Mapping[int, User], *fields: str) -> None:
    """Set the people that rows point to."""
    for row in rows:
        for field in fields:
            setattr(row, field, people.get(getattr(row, f"{field}_id")))
