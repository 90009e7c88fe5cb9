"""The dimensions of a pilot file, and the stages in which cases of them are exposed."""

from __future__ import annotations

from math import prod

from pilots.evaluation.specs import OVERALL
from pilots.importing.fields import SHARE, days, phrase, share, whole, words
from pilots.importing.pilot_parts import StagePart
from pilots.importing.segments import Dimensions, canonical_scope, canonical_segment, segments_of
from pilots.importing.spelling import quoted, unknown
from pilots.importing.tables import Table
from pilots.importing.timestamps import planned_day

MOST_SEGMENTS = 1_000
LONGEST_SEGMENT, LONGEST_DIMENSION = 200, 60
A_NAME = "a name is not empty or 'overall' and holds no '=', '|', ':' or ','"
STAGE_KEYS = ("name", "exposure", "min_days", "min_sample", "start", "end")


def read_dimensions(table: Table) -> Dimensions:
    dimensions = {name: table.each(name, _category) for name in table.entries}
    for name, categories in dimensions.items():
        if not _is_name(name) or len(name) > LONGEST_DIMENSION:
            table.refuse(name, f"{quoted(name)} is not a dimension: {A_NAME}, up to {LONGEST_DIMENSION} long")
        if not categories:
            table.refuse(name, f"the dimension {quoted(name)} has no category")
    if prod(map(len, dimensions.values())) > MOST_SEGMENTS:
        table.faults.add(table.at, f"more than {MOST_SEGMENTS:,} segments")
        return {}
    if max(map(len, segments_of(dimensions))) > LONGEST_SEGMENT:
        table.faults.add(table.at, f"a segment's name has more than {LONGEST_SEGMENT} characters")
    return dimensions


def _category(text: str) -> str:
    if not _is_name(text):
        raise ValueError(f"{quoted(text)} is not a category: {A_NAME}")
    return words(text)


def _is_name(text: str) -> bool:
    return bool(text) and text == text.strip() and text != OVERALL and set(text).isdisjoint("=|:,")


def read_stages(pilot: Table, dimensions: Dimensions) -> tuple[StagePart, ...]:
    return tuple(_stage(table, dimensions) for table in pilot.tables("stages", STAGE_KEYS))


def _stage(table: Table, dimensions: Dimensions) -> StagePart:
    """Read a stage; its exposure is `10 %`, `high` or `[10 %, high]`."""
    table.require("name")
    exposed = table.each("exposure", lambda text: _exposed(text, dimensions))
    shares = [part for part in exposed if isinstance(part, float)]
    if len(shares) > 1:
        table.refuse("exposure", "names more than one share of the accounts")
    start, end = table.read("start", planned_day, None), table.read("end", planned_day, None)
    if start and end and end < start:
        table.refuse("end", f"{end} is before the start, {start}")
    return StagePart(
        name=table.read("name", phrase(120, least=1), ""),
        share=shares[0] if shares else None,
        segments=tuple(part for part in exposed if isinstance(part, str)),
        min_days=table.read("min_days", days(0), 0),
        min_sample=table.read("min_sample", whole(0), 0),
        start=start,
        end=end,
    )


def _exposed(text: str, dimensions: Dimensions) -> float | str:
    """Read `10 %` as a share; a category of that name is written `discount=10 %`."""
    if SHARE.fullmatch(text):
        return _exposed_share(text)
    segment = canonical_segment(text, dimensions)
    if segment is None and "=" in text:
        segment = canonical_scope(text, dimensions)  # part of a name: gold at every severity
    if segment is None:
        raise ValueError(unknown("segment", text, segments_of(dimensions)))
    return segment


def _exposed_share(text: str) -> float:
    if not 0 < share(text) <= 1:
        raise ValueError(f"{text} is {'more than all' if share(text) else 'none of the'} accounts")
    return share(text)
