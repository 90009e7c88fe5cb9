"""Gather the readings of many pilots as they were known at an instant, in columns and with few queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from django.db import connection

from pilots.evaluation.sheets import Sheet, sheet_of, sheet_of_readings
from pilots.evaluation.specs import AccountSum, Reading
from pilots.evaluation.vocabulary import Arm
from pilots.models import AccountShare, Baseline, Observation, Pilot, ReadingRevision
from pilots.services.array_wire import array_cursor

Sheets = dict[str, Sheet]  # by metric ref
MOST_FROZEN = 40_000  # baselines kept laid out: some 4 KB each for four weeks in five segments
_laid_out: dict[tuple[object, ...], Sheet] = {}


def lay_out_baselines(pilots: Iterable[Pilot]) -> None:
    """Give the final baselines of some pilots their days; what is final is read once and kept."""
    baselines = [b for pilot in pilots for metric in pilot.metrics.all() for b in metric.baselines.all()]
    final = {baseline.pk: baseline for baseline in baselines if baseline.is_final}
    unknown = [pk for pk, baseline in final.items() if _identity(baseline) not in _laid_out]
    for baseline in Baseline.objects.filter(pk__in=unknown):
        _laid_out[_identity(final[baseline.pk])] = baseline.sheet
    for baseline in final.values():
        baseline.sheet = _laid_out[_identity(baseline)]
    while len(_laid_out) > MOST_FROZEN:
        del _laid_out[next(iter(_laid_out))]


def _identity(baseline: Baseline) -> tuple[object, ...]:
    """Return what no other final baseline shares, also in another database."""
    size: int = baseline.days_size  # type: ignore[attr-defined]  # of `without_days`
    return (baseline.pk, baseline.finalised_at, baseline.n, baseline.value, baseline.spread, size)


class Gathered(NamedTuple):
    """One metric's current readings, and the newest instant at which one of them was known."""

    metric: int
    sheet: Sheet
    newest: datetime


def sheets_known(pilots: Iterable[Pilot], instants: Mapping[int, datetime]) -> dict[int, Sheets]:
    """Return the readings of some pilots, each as its sources knew them at its instant."""
    refs = {metric.pk: (pilot.pk, metric.ref) for pilot in pilots for metric in pilot.metrics.all()}
    sheets: dict[int, Sheets] = {pilot_id: {} for pilot_id in instants}
    ahead = set()
    for found in _current(list(refs)):
        pilot_id, ref = refs[found.metric]
        sheets[pilot_id][ref] = found.sheet
        if found.newest > instants[pilot_id]:
            ahead.add(pilot_id)
    # Somebody looks back: what is current was not known yet.
    for pilot_id in ahead:
        sheets[pilot_id] = _sheets_of(ReadingRevision.objects.readings_known(pilot_id, instants[pilot_id]))
    return sheets


def accounts_known(instants: Mapping[int, datetime]) -> dict[int, list[AccountSum]]:
    """Return what each account had brought to the readings of some pilots, of each at its instant."""
    known: dict[int, list[AccountSum]] = {pilot_id: [] for pilot_id in instants}
    columns = ("metric__ref", "day", "segment", "arm", "account", "as_of", "n", "total")
    rows = AccountShare.objects.filter(metric__pilot__in=instants).values_list("metric__pilot", *columns)
    for pilot_id, ref, day, segment, arm, account, as_of, n, total in rows.iterator():
        if as_of <= instants[pilot_id]:
            known[pilot_id].append(AccountSum(ref, day, segment, Arm(arm), account, as_of, n, total))
    return known


def _sheets_of(readings: Iterable[Reading]) -> Sheets:
    by_metric: defaultdict[str, list[Reading]] = defaultdict(list)
    for reading in readings:
        by_metric[reading.metric].append(reading)
    return {ref: sheet_of_readings(rows) for ref, rows in by_metric.items()}


def _current(metrics: Sequence[int]) -> Iterator[Gathered]:
    if not metrics:
        return iter(())
    return _current_arrays(metrics) if connection.vendor == "postgresql" else _current_rows(metrics)


def _current_rows(metrics: Sequence[int]) -> Iterator[Gathered]:
    """Read row by row, in the order of the unique index."""
    columns = ("metric_id", "day", "segment", "arm", "n", "total", "total_sq", "as_of")
    rows = Observation.objects.filter(metric__in=metrics).order_by("metric_id").values_list(*columns)
    for metric, held in groupby(rows.iterator(chunk_size=5000), key=itemgetter(0)):
        _, days, segments, arms, n, total, total_sq, known = zip(*held, strict=True)
        yield Gathered(
            metric=metric,
            sheet=sheet_of(
                segments=segments,
                day=np.fromiter(map(date.toordinal, days), np.int64, len(days)),
                control=np.array([arm == Arm.CONTROL for arm in arms]),
                n=np.array(n, dtype=np.int64),
                total=np.array(total, dtype=np.float64),
                total_sq=np.array(total_sq, dtype=np.float64),
            ),
            newest=max(known),
        )


# Day 1 of Python is day 1 of year 1; what is added up in no order is put in the same no order.
ARRAYS = """
    SELECT metric_id, array_agg(segment), array_agg(day - DATE '0001-01-01' + 1),
           array_agg((arm = 'control')::int), array_agg(n), array_agg(total), array_agg(total_sq), max(as_of)
    FROM {table} WHERE metric_id = ANY(%s) GROUP BY metric_id
"""


def _current_arrays(metrics: Sequence[int]) -> Iterator[Gathered]:
    """Let PostgreSQL put each metric's readings into arrays, and take them as the bytes they come in."""
    connection.ensure_connection()
    with array_cursor(connection.connection) as cursor:
        cursor.execute(ARRAYS.format(table=Observation._meta.db_table), [list(metrics)])
        for metric, segments, day, control, n, total, total_sq, newest in cursor:
            sheet = sheet_of(segments, day, control.astype(bool), n, total, total_sq)
            yield Gathered(metric, sheet, newest)
