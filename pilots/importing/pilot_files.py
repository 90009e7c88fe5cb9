"""Pilot files, version 1: YAML, or the same document as JSON, read into a `PilotFile`."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from pilots.importing.fields import address, flag, known, ref, share, whole, words
from pilots.importing.marked_yaml import Value, compose, from_json
from pilots.importing.pilot_conditions import Surroundings, read_conditions
from pilots.importing.pilot_metrics import UNREAD_DAY, read_drivers, read_metrics
from pilots.importing.pilot_parts import (
    CONDITION_LISTS,
    ROLES,
    DecisionPart,
    OptionPart,
    PeoplePart,
    PilotFile,
    PilotPart,
    ReviewsPart,
    StagePart,
)
from pilots.importing.segments import Dimensions, canonical_segment, segments_of
from pilots.importing.spelling import quoted, unknown
from pilots.importing.tables import Faults, Table
from pilots.importing.timestamps import day_of, zone_of

__all__ = ["PilotFile", "load", "parse"]

FILE_KEYS = ("version", "decision", "pilot", "metrics", "drivers", *CONDITION_LISTS, "reviews")
PILOT_KEYS = ("ref", "title", "timezone", "start", "end", "people", "dimensions", "stages")
MOST_SEGMENTS = 1_000


def load(data: bytes | str, *, file: str) -> PilotFile:
    """Read a pilot file, or raise BadInput with every problem: file, line, field, reason."""
    return _read(compose(data, file=file), file)


def parse(document: Mapping[str, object], *, file: str = "") -> PilotFile:
    """Read the same document as parsed JSON; problems name the field alone."""
    return _read(from_json(document), file)


def _read(root: Value, file: str) -> PilotFile:
    faults = Faults(file)
    top = Table(root, FILE_KEYS, faults)
    top.require("version", "pilot", "metrics")
    top.read("version", known("version", ("1",)), None)
    table = top.table("pilot", PILOT_KEYS)
    pilot = _pilot(table)
    dimensions = _dimensions(table.table("dimensions", None))
    metrics = read_metrics(top, start=pilot.start)
    drivers = read_drivers(top, dimensions)
    around = Surroundings(metrics=metrics, drivers=drivers, dimensions=dimensions)
    read = PilotFile(
        decision=_decision(top.table("decision", ("ref", "title", "framework", "statement", "options")))
        if top.has("decision")
        else None,
        pilot=pilot,
        people=_people(table.table("people", ROLES)),
        dimensions=dimensions,
        stages=_stages(table, dimensions),
        metrics=metrics,
        drivers=drivers,
        conditions=read_conditions(top, around),
        reviews=_reviews(top.table("reviews", ("first", "every_days"))),
    )
    faults.raise_any()
    return read


def _pilot(table: Table) -> PilotPart:
    if table.at.content is not None:
        table.require("ref", "start")
    pilot_ref = table.read("ref", ref, "")
    start, end = table.read("start", day_of, UNREAD_DAY), table.read("end", day_of, None)
    if end is not None and end < start:
        table.refuse("end", f"{end} is before the start, {start}")
    title, timezone = table.read("title", words, pilot_ref), table.read("timezone", _zone, "UTC")
    return PilotPart(ref=pilot_ref, title=title, start=start, end=end, timezone=timezone)


def _zone(text: str) -> str:
    return zone_of(text).key


def _decision(table: Table) -> DecisionPart:
    table.require("ref")
    options = tuple(_option(part) for part in table.named("options", "key", ("key", "title", "chosen")))
    if sum(option.chosen for option in options) > 1:
        table.refuse("options", "more than one option is chosen")
    decision_ref = table.read("ref", ref, "")
    return DecisionPart(
        ref=decision_ref,
        title=table.read("title", words, decision_ref),
        framework=table.read("framework", words, ""),
        statement=table.read("statement", words, ""),
        options=options,
    )


def _option(table: Table) -> OptionPart:
    key = table.read("key", ref, "")
    return OptionPart(
        key=key, title=table.read("title", words, key), chosen=table.read("chosen", flag, False)
    )


def _people(table: Table) -> PeoplePart:
    named = {role: table.read(role, address, "") for role in ROLES if role != "informed"}
    return PeoplePart(**named, informed=table.each("informed", address))


def _dimensions(table: Table) -> Dimensions:
    dimensions = {name: table.each(name, _category) for name in table.entries}
    for name, categories in dimensions.items():
        if not set(name).isdisjoint("=|:,"):
            table.refuse(name, f"'{name}' may not hold '=', '|', ':' or ','")
        if not categories:
            table.refuse(name, f"the dimension '{name}' has no category")
    if prod(map(len, dimensions.values())) > MOST_SEGMENTS:
        table.faults.add(table.at, f"more than {MOST_SEGMENTS:,} segments")
        return {}
    return dimensions


def _category(text: str) -> str:
    if not text or not set(text).isdisjoint("=|:,") or text == "overall":
        raise ValueError(
            f"{quoted(text)} is not a category: it may not be empty, 'overall', or hold '=', '|', ':', ','"
        )
    return words(text)


def _stages(pilot: Table, dimensions: Dimensions) -> tuple[StagePart, ...]:
    keys = ("name", "exposure", "min_days", "min_sample")
    return tuple(_stage(table, dimensions) for table in pilot.named("stages", "name", keys))


def _stage(table: Table, dimensions: Dimensions) -> StagePart:
    """Read a stage; its exposure is `10 %`, `high` or `[10 %, high]`."""
    exposed = table.each("exposure", lambda text: _exposed(text, dimensions))
    shares = [part for part in exposed if isinstance(part, float)]
    if len(shares) > 1:
        table.refuse("exposure", "names more than one share of the accounts")
    return StagePart(
        name=table.read("name", words, ""),
        share=shares[0] if shares else None,
        segments=tuple(part for part in exposed if isinstance(part, str)),
        min_days=table.read("min_days", whole(0), 0),
        min_sample=table.read("min_sample", whole(0), 0),
    )


def _exposed(text: str, dimensions: Dimensions) -> float | str:
    segment = canonical_segment(text, dimensions)
    if segment is not None:
        return segment
    if not text.endswith("%"):
        raise ValueError(unknown("segment", text, segments_of(dimensions)))
    if share(text) > 1:
        raise ValueError(f"{text} is more than all accounts")
    return share(text)


def _reviews(table: Table) -> ReviewsPart:
    first, every = table.read("first", day_of, None), table.read("every_days", whole(1), None)
    return ReviewsPart(first=first, every_days=every)
