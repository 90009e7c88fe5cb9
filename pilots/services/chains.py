"""The chain of values of each reading, in plain SQL: through model instances it takes ten times as long."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection, models
from django.db.backends.utils import CursorWrapper

from pilots.evaluation.moments import Moments
from pilots.models import Observation, ReadingRevision
from pilots.services.arrivals import Fate, Known

KEY = ("metric_id", "day", "segment", "arm")
VALUE = ("as_of", "n", "total", "total_sq")
ARRIVAL = ("received_at", "source")
LINK = (*KEY, *VALUE, *ARRIVAL, "kind", "by_id", "reason")


class Key(NamedTuple):
    metric_id: int
    day: date
    segment: str
    arm: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """When values arrived, from where, by whom, and why numbers known before are replaced."""

    received_at: datetime
    source: str
    by_id: int | None = None
    reason: str = ""


class Chains:
    """The chains in the database: what is known of some keys, and how values are added to them."""

    def current_values(self, keys: Collection[Key]) -> dict[Key, Known]:
        return dict(_stored(Observation.objects.order_by(), keys))

    def values_by_instant(self, keys: Collection[Key]) -> dict[tuple[Key, datetime], Moments]:
        """Return what is known of these keys at each `as_of`; of one instant, what arrived last."""
        revisions = _stored(ReadingRevision.objects.order_by("pk"), keys)
        return {(key, value.as_of): value.moments for key, value in revisions}

    def append(self, links: Iterable[tuple[Key, Known, Fate]], arrival: Arrival) -> None:
        """Add values to their chains; the newest of each key becomes its current value."""
        rows = _rows(links, arrival)
        if not rows:
            return
        newest_before = ReadingRevision.objects.aggregate(newest=models.Max("pk"))["newest"] or 0
        with connection.cursor() as cursor:
            _insert(cursor, ReadingRevision._meta.db_table, rows)
            cursor.execute(_make_newest_current({row[0] for row in rows}), [newest_before])


def _stored(
    rows: models.QuerySet[Observation] | models.QuerySet[ReadingRevision], keys: Collection[Key]
) -> Iterator[tuple[Key, Known]]:
    if not keys:
        return
    metrics, days, segments, _ = (set(column) for column in zip(*keys, strict=True))
    rows = rows.filter(metric__in=metrics, day__in=days, segment__in=segments)
    for metric, day, segment, arm, as_of, *moments in rows.values_list(*KEY, *VALUE).iterator(5_000):
        if (key := Key(metric, day, segment, arm)) in keys:
            yield key, Known(as_of, Moments(*moments))


def _rows(links: Iterable[tuple[Key, Known, Fate]], arrival: Arrival) -> list[tuple[Any, ...]]:
    instant = lru_cache(maxsize=4096)(connection.ops.adapt_datetimefield_value)
    day_text = lru_cache(maxsize=4096)(connection.ops.adapt_datefield_value)
    received = (instant(arrival.received_at), arrival.source)
    return [
        (
            *(key.metric_id, day_text(key.day), key.segment, key.arm),
            *(instant(value.as_of), value.moments.n, value.moments.total, value.moments.total_sq),
            *(*received, fate.value, arrival.by_id, arrival.reason if fate is Fate.CORRECTED else ""),
        )
        for key, value, fate in links
    ]


def _insert(cursor: CursorWrapper, table: str, rows: list[tuple[Any, ...]]) -> None:
    """Insert many rows the way each database is fast at: row by row PostgreSQL would wait for each."""
    if connection.vendor == "postgresql":
        with cursor.copy(f"COPY {table} ({', '.join(LINK)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    else:
        marks = ", ".join(["%s"] * len(LINK))
        cursor.executemany(f"INSERT INTO {table} ({', '.join(LINK)}) VALUES ({marks})", rows)  # noqa: S608


def _make_newest_current(metrics: Iterable[int]) -> str:
    """Return the SQL that carries over each key's newest value of the links added last.

    The metrics are locked by who appends, so that nobody else's links of them are among these.
    """
    columns = ", ".join((*KEY, *VALUE, *ARRIVAL))
    current, revisions = Observation._meta.db_table, ReadingRevision._meta.db_table
    changes = ", ".join(f"{column} = excluded.{column}" for column in (*VALUE, *ARRIVAL))
    return f"""
        INSERT INTO {current} ({columns})
        SELECT {columns} FROM (
            SELECT *, row_number() OVER (PARTITION BY {", ".join(KEY)} ORDER BY as_of DESC, id DESC) AS place
            FROM {revisions} WHERE id > %s AND metric_id IN ({", ".join(map(str, sorted(metrics)))})
        ) AS added WHERE place = 1
        ON CONFLICT ({", ".join(KEY)}) DO UPDATE SET {changes} WHERE excluded.as_of >= {current}.as_of
    """  # noqa: S608
