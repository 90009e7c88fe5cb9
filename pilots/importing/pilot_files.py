"""Pilot files, version 1: YAML, or the same document as JSON, read into a `PilotFile`."""

from __future__ import annotations

from collections.abc import Mapping

from pilots.importing.fields import address, days, flag, known, phrase, ref, words
from pilots.importing.marked_yaml import Value, compose, from_json
from pilots.importing.pilot_conditions import Surroundings, read_conditions
from pilots.importing.pilot_escalation import read_escalation
from pilots.importing.pilot_metrics import UNREAD_DAY, read_drivers, read_metrics
from pilots.importing.pilot_parts import (
    CONDITION_LISTS,
    ROLES,
    SHARED_ROLES,
    DecisionPart,
    OptionPart,
    PeoplePart,
    PilotFile,
    PilotPart,
    ReviewsPart,
)
from pilots.importing.pilot_stages import read_dimensions, read_stages
from pilots.importing.tables import Faults, Table
from pilots.importing.timestamps import planned_day, zone_of

__all__ = ["PilotFile", "load", "parse"]

FILE_KEYS = ("version", "decision", "pilot", "metrics", "drivers", *CONDITION_LISTS, "escalation", "reviews")
PILOT_KEYS = (
    *("ref", "title", "hypothesis", "timezone", "start", "end", "cadence_days", "pause_on_stop"),
    *("people", "dimensions", "stages"),
)
DECISION_KEYS = ("ref", "title", "framework", "statement", "options")


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
    dimensions = read_dimensions(table.table("dimensions", None))
    metrics = read_metrics(top, start=pilot.start)
    drivers = read_drivers(top, dimensions)
    around = Surroundings(metrics=metrics, drivers=drivers, dimensions=dimensions)
    read = PilotFile(
        decision=_decision(top.table("decision", DECISION_KEYS)) if top.has("decision") else None,
        pilot=pilot,
        people=_people(table.table("people", ROLES)),
        dimensions=dimensions,
        stages=read_stages(table, dimensions),
        metrics=metrics,
        drivers=drivers,
        conditions=read_conditions(top, around),
        escalation=read_escalation(top),
        reviews=_reviews(top.table("reviews", ("first", "every_days"))),
    )
    faults.raise_any()
    return read


def _pilot(table: Table) -> PilotPart:
    if table.at.content is not None:
        table.require("ref", "start")
    pilot_ref = table.read("ref", ref, "")
    start, end = table.read("start", planned_day, UNREAD_DAY), table.read("end", planned_day, None)
    if end is not None and end <= start:
        table.refuse("end", f"{end} is not after the start, {start}")
    return PilotPart(
        ref=pilot_ref,
        title=table.read("title", phrase(200, least=1), pilot_ref),
        start=start,
        end=end,
        timezone=table.read("timezone", _zone, "UTC"),
        hypothesis=table.read("hypothesis", words, ""),
        cadence_days=table.read("cadence_days", days(1), 1),
        pause_on_stop=table.read("pause_on_stop", flag, False),
    )


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
        title=table.read("title", phrase(200, least=1), decision_ref),
        framework=table.read("framework", phrase(20), ""),
        statement=table.read("statement", words, ""),
        options=options,
    )


def _option(table: Table) -> OptionPart:
    key = table.read("key", phrase(3, least=1), "")
    title = table.read("title", phrase(400, least=1), key)
    return OptionPart(key=key, title=title, chosen=table.read("chosen", flag, False))


def _people(table: Table) -> PeoplePart:
    shared = {role: table.each(role, address) for role in SHARED_ROLES}
    return PeoplePart(decision_owner=table.read("decision_owner", address, ""), **shared)


def _reviews(table: Table) -> ReviewsPart:
    first, every = table.read("first", planned_day, None), table.read("every_days", days(1), None)
    return ReviewsPart(first=first, every_days=every)
