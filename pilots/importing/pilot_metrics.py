"""The metrics and drivers of a pilot file."""

from __future__ import annotations

from datetime import date

from pilots.evaluation.vocabulary import Direction, MetricKind
from pilots.importing.fields import (
    address,
    days,
    flag,
    known,
    number,
    one_of,
    phrase,
    ref,
    share,
    whole,
)
from pilots.importing.pilot_parts import DriverPart, MetricPart, WindowPart
from pilots.importing.segments import Dimensions
from pilots.importing.tables import Table
from pilots.importing.timestamps import planned_day

METRIC_KEYS = (
    *("ref", "name", "unit", "direction", "kind", "cadence_days", "maturity_days", "window_days"),
    *("grace_days", "min_sample", "owner", "no_entry_is_zero", "no_entry_reason", "baseline"),
)
DRIVER_KEYS = (
    *("ref", "name", "dimension", "mix", "value", "update_rule", "update_every_days"),
    *("material_change", "required", "owner"),
)
ROUNDING = 1e-6
UNREAD_DAY = date.min  # stands in where the day is missing or wrong, which is already a fault

# A file may leave the reason out; that it was left out is then what history says.
UNSAID = "The pilot file says so without a reason."


def read_metrics(top: Table, *, start: date) -> tuple[MetricPart, ...]:
    metrics = tuple(_metric(table, start) for table in top.named("metrics", "ref", METRIC_KEYS))
    if top.has("metrics") and all(metric.baseline is None for metric in metrics):
        top.refuse("metrics", "at least one metric needs a baseline: {from: 2026-01-01, to: 2026-02-28}")
    return metrics


def _metric(table: Table, start: date) -> MetricPart:
    metric_ref = table.read("ref", ref, "")
    is_zero = table.read("no_entry_is_zero", flag, False)
    return MetricPart(
        ref=metric_ref,
        name=table.read("name", phrase(120, least=1), _spoken(metric_ref)),
        unit=table.read("unit", phrase(20), ""),
        direction=table.read("direction", one_of("direction", Direction), Direction.LOWER_IS_BETTER),
        kind=table.read("kind", one_of("kind", MetricKind), MetricKind.MEAN),
        cadence_days=table.read("cadence_days", days(1), 1),
        maturity_days=table.read("maturity_days", days(0), 0),
        window_days=table.read("window_days", days(1), 7),
        grace_days=table.read("grace_days", days(0), None),
        min_sample=table.read("min_sample", whole(0), None),
        owner=table.read("owner", address, ""),
        no_entry_is_zero=is_zero,
        no_entry_reason=table.read("no_entry_reason", phrase(300, least=1), UNSAID if is_zero else ""),
        baseline=_baseline(table.table("baseline", ("from", "to")), start) if table.has("baseline") else None,
    )


def _baseline(table: Table, start: date) -> WindowPart:
    table.require("from", "to")
    first, last = table.read("from", planned_day, UNREAD_DAY), table.read("to", planned_day, UNREAD_DAY)
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
    dimension = table.read("dimension", known("dimension", dimensions), "")
    return DriverPart(
        ref=driver_ref,
        name=table.read("name", phrase(120, least=1), _spoken(driver_ref)),
        dimension=dimension,
        mix=_mix(table, dimensions.get(dimension, ())) if table.has("mix") else {},
        value=table.read("value", number, None),
        update_rule=table.read("update_rule", phrase(300), ""),
        update_every_days=table.read("update_every_days", days(1), None),
        material_change=table.read("material_change", _more_than_none, None),
        required=table.read("required", flag, True),
        owner=table.read("owner", address, ""),
    )


def _mix(driver: Table, categories: tuple[str, ...]) -> dict[str, float]:
    table = driver.table("mix", categories)
    mix = {name: table.read(name, share, 0.0) for name in categories if table.has(name)}
    if abs(sum(mix.values()) - 1) > ROUNDING:
        driver.refuse("mix", "the shares of a dimension's categories add up to 100 %")
    return mix


def _more_than_none(text: str) -> float:
    if share(text) == 0:
        raise ValueError("a material change is more than 0 %")
    return share(text)


def _spoken(short_name: str) -> str:
    return short_name.replace("_", " ").strip().capitalize() or short_name
