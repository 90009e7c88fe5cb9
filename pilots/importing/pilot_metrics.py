"""The metrics and drivers of a pilot file."""

from __future__ import annotations

from datetime import date

from pilots.evaluation.vocabulary import Direction, MetricKind
from pilots.importing.fields import address, flag, known, number, one_of, ref, share, whole, words
from pilots.importing.pilot_parts import DriverPart, MetricPart, WindowPart
from pilots.importing.segments import Dimensions
from pilots.importing.tables import Table
from pilots.importing.timestamps import day_of

METRIC_KEYS = (
    *("ref", "name", "unit", "direction", "kind", "cadence_days", "maturity_days", "window_days"),
    *("grace_days", "owner", "no_entry_is_zero", "baseline"),
)
DRIVER_KEYS = (
    *("ref", "name", "dimension", "value", "update_rule", "update_every_days", "material_change"),
    *("required", "owner"),
)
UNREAD_DAY = date.min  # stands in where the day is missing or wrong, which is already a fault


def read_metrics(top: Table, *, start: date) -> tuple[MetricPart, ...]:
    metrics = tuple(_metric(table, start) for table in top.named("metrics", "ref", METRIC_KEYS))
    if top.has("metrics") and all(metric.baseline is None for metric in metrics):
        top.refuse("metrics", "at least one metric needs a baseline: {from: 2026-01-01, to: 2026-02-28}")
    return metrics


def _metric(table: Table, start: date) -> MetricPart:
    metric_ref = table.read("ref", ref, "")
    return MetricPart(
        ref=metric_ref,
        name=table.read("name", words, _spoken(metric_ref)),
        unit=table.read("unit", words, ""),
        direction=table.read("direction", one_of("direction", Direction), Direction.LOWER_IS_BETTER),
        kind=table.read("kind", one_of("kind", MetricKind), MetricKind.MEAN),
        cadence_days=table.read("cadence_days", whole(1), 1),
        maturity_days=table.read("maturity_days", whole(0), 0),
        window_days=table.read("window_days", whole(1), 7),
        grace_days=table.read("grace_days", whole(0), None),
        owner=table.read("owner", address, ""),
        no_entry_is_zero=table.read("no_entry_is_zero", flag, False),
        baseline=_baseline(table.table("baseline", ("from", "to")), start) if table.has("baseline") else None,
    )


def _baseline(table: Table, start: date) -> WindowPart:
    table.require("from", "to")
    first, last = table.read("from", day_of, UNREAD_DAY), table.read("to", day_of, UNREAD_DAY)
    if UNREAD_DAY not in (first, last) and last < first:
        table.refuse("to", f"{last} is before the first day, {first}")
    if UNREAD_DAY not in (last, start) and last >= start:
        table.refuse("to", f"the baseline must end before the pilot starts, {start}")
    return WindowPart(first_day=first, last_day=last)


def read_drivers(top: Table, dimensions: Dimensions) -> tuple[DriverPart, ...]:
    return tuple(_driver(table, dimensions) for table in top.named("drivers", "ref", DRIVER_KEYS))


def _driver(table: Table, dimensions: Dimensions) -> DriverPart:
    driver_ref = table.read("ref", ref, "")
    if table.has("dimension") and table.has("value"):
        table.refuse("value", "a driver is either the mix of a dimension or a plain number")
    return DriverPart(
        ref=driver_ref,
        name=table.read("name", words, _spoken(driver_ref)),
        dimension=table.read("dimension", known("dimension", dimensions), ""),
        value=table.read("value", number, None),
        update_rule=table.read("update_rule", words, ""),
        update_every_days=table.read("update_every_days", whole(1), None),
        material_change=table.read("material_change", share, None),
        required=table.read("required", flag, True),
        owner=table.read("owner", address, ""),
    )


def _spoken(short_name: str) -> str:
    return short_name.replace("_", " ").capitalize()
