"""Many rows in one statement, each value as it is: as arrays of JSON they cost more than the rows."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from django.db.models import Model

AT_ONCE = 500


def insert_rows(rows: Sequence[Model], columns: Sequence[str], *, unless: Sequence[str] = ()) -> list[int]:
    """Store new rows of one model by their columns' attribute names, and return their keys in order.

    Where a row with the same `unless` columns exists, its other columns are overwritten.
    """
    keys: list[int] = []
    for first in range(0, len(rows), AT_ONCE):
        keys += _insert(rows[first : first + AT_ONCE], columns, unless)
    return keys


def _insert(rows: Sequence[Model], columns: Sequence[str], unless: Sequence[str]) -> list[int]:
    meta = type(rows[0])._meta
    fields = [field for name in columns for field in meta.concrete_fields if field.attname == name]
    values = [
        field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows for field in fields
    ]
    names = ", ".join(str(field.column) for field in fields)
    row = f"({', '.join(['%s'] * len(fields))})"
    # Every name is one of our own columns; what comes from outside is a parameter.
    statement = f"INSERT INTO {meta.db_table} ({names}) VALUES {', '.join([row] * len(rows))}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} {_overwriting(columns, unless)} RETURNING id", values)
        return [key for (key,) in cursor.fetchall()]


def _overwriting(columns: Sequence[str], unless: Sequence[str]) -> str:
    if not unless:
        return ""
    others = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in unless)
    return f"ON CONFLICT ({', '.join(unless)}) DO UPDATE SET {others}"
