"""Pilots looked at together, their readings in columns, get the answers they get alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilots.evaluation.crowds import Face, foresee_crowd
from pilots.evaluation.documents import canonical_bytes
from pilots.evaluation.judging import Memory, evaluate, judge, memory_of
from pilots.evaluation.looks import Foresight
from pilots.evaluation.moments import Moments
from pilots.evaluation.series import Series
from pilots.evaluation.sheets import Frozen, sheet_of_readings
from pilots.evaluation.shelves import Shelf
from pilots.evaluation.specs import PilotSpec, Reading
from pilots.evaluation.vocabulary import Arm, Method, MetricKind
from tests.evaluation.builders import (
    START,
    a_baseline,
    a_metric,
    a_pilot,
    a_stop,
    a_threshold,
    a_trigger,
    at_end_of,
    day,
)

Cases = dict[str, tuple[int, float]]  # of a day: how many in each segment, around which mean

SEGMENTS = ("gold", "iron", "silver")
SOME = st.tuples(st.integers(1, 80), st.floats(5.0, 60.0))
DAYS = st.lists(st.dictionaries(st.sampled_from(SEGMENTS), SOME, max_size=3), min_size=28, max_size=34)


def readings_of(days: Sequence[Cases], *, first: int) -> list[Reading]:
    return [
        Reading(
            "hours", day(first + number), segment, Moments(n, n * mean, n * mean * mean * 1.3), at_end_of(40)
        )
        for number, held in enumerate(days)
        for segment, (n, mean) in held.items()
    ]


def a_story(before: Sequence[Cases], kind: MetricKind, maturity: int) -> tuple[PilotSpec, PilotSpec]:
    """A pilot with a frozen baseline: its readings one by one, and on a sheet."""
    frozen = readings_of(before, first=1 - len(before))
    sums: dict[str, Moments] = {}
    for reading in frozen:
        sums[reading.segment] = sums.get(reading.segment, Moments()) + reading.moments
    baseline = a_baseline(
        first_day=START - timedelta(days=len(before)), moments=sums, daily=tuple(frozen), reading_days=28
    )
    metric = a_metric(baseline=baseline, kind=kind, maturity_days=maturity)
    rules = (
        a_threshold(method=Method.INTERVAL),
        a_stop(method=Method.INTERVAL, scope="each:tier"),
        a_trigger(method=Method.INTERVAL, scope="gap:tier"),
        a_stop("S2", limit=0.3),
    )
    plain = a_pilot(*rules, metrics=(metric,), dimensions={"tier": SEGMENTS})
    sheet = Frozen("hours", sheet_of_readings(frozen), as_of=at_end_of(0))
    on_sheets = replace(plain, metrics=(replace(metric, baseline=replace(baseline, daily=sheet)),))
    return plain, on_sheets


def shelf_of(readings: Sequence[Reading]) -> Shelf:
    return Shelf({"hours": sheet_of_readings(readings)} if readings else {}, known_at=at_end_of(40))


@given(
    stories=st.lists(
        st.tuples(DAYS, DAYS, st.sampled_from([MetricKind.MEAN, MetricKind.RATE]), st.integers(0, 2)),
        min_size=1,
        max_size=3,
    ),
    looked_on=st.integers(12, 28),
)
@settings(max_examples=25, deadline=None)
def test_a_crowd_gets_the_answers_of_its_pilots_alone(
    stories: list[tuple[list[Cases], list[Cases], MetricKind, int]],
    looked_on: int,
) -> None:
    now = at_end_of(looked_on + 1)
    pilots = [a_story(before, kind, maturity) for before, _, kind, maturity in stories]
    readings = [readings_of(since, first=1) for _, since, _, _ in stories]
    memories: list[Memory] = []
    for (plain, _), known in zip(pilots, readings, strict=True):
        earlier = [reading for reading in known if reading.day <= day(looked_on)]
        memories.append(memory_of(plain, evaluate(plain, earlier, memory={}, now=at_end_of(looked_on))))
    shelves = [shelf_of([r for r in known if r.day <= day(looked_on + 1)]) for known in readings]
    faces = [
        Face(pilot, shelf, memory, day(looked_on + 1))
        for (_, pilot), shelf, memory in zip(pilots, shelves, memories, strict=True)
    ]
    for face, foreseen, (plain, _) in zip(faces, foresee_crowd(faces), pilots, strict=True):
        alone = evaluate(plain, list(face.series.readings), memory=face.memory, now=now)
        together = judge(
            face.pilot, face.series, memory=face.memory, now=now, foresight=Foresight(sights=foreseen)
        )
        assert canonical_bytes(together) == canonical_bytes(alone)
        assert memory_of(face.pilot, together) == memory_of(plain, alone)


def test_the_newest_look_of_a_plain_metric_is_worked_out_beforehand() -> None:
    days = [{"gold": (40, 20.0 + number % 3), "iron": (40, 21.0)} for number in range(28)]
    _, pilot = a_story(days, MetricKind.MEAN, 0)
    shelf = shelf_of(readings_of(days[:20], first=1))
    memory = memory_of(pilot, judge(pilot, shelf, memory={}, now=at_end_of(19)))
    [seen] = foresee_crowd([Face(pilot, shelf, memory, day(20))])
    assert {scope for _, scope in seen} == {"overall", "gold", "iron"}
    assert all(list(looks) == [day(20)] for looks in seen.values())


@given(days=DAYS, control=DAYS | st.just([]))
@settings(max_examples=20, deadline=None)
def test_a_shelf_says_of_its_sheets_what_a_series_says_of_the_readings(
    days: list[Cases], control: list[Cases]
) -> None:
    readings = readings_of(days, first=1)
    readings += [replace(r, arm=Arm.CONTROL) for r in readings_of(control[:5], first=3)]
    series, shelf = Series(readings), shelf_of(readings)
    first, last = day(2), day(20)
    for arm in Arm:
        assert series.rows("hours", arm) == shelf.rows("hours", arm)
        held = series.days("hours", first=first, last=last, arm=arm)
        assert held == shelf.days("hours", first=first, last=last, arm=arm)
    seen = series.days("hours", first=first, last=last)
    assert series.count("hours", seen) == shelf.count("hours", seen)
    for segments in (SEGMENTS, SEGMENTS[1:2], ()):
        assert series.daily("hours", seen, segments) == shelf.daily("hours", seen, segments)
    assert series.digest("hours", to=last) == shelf.digest("hours", to=last)
    assert series.marks("hours") == shelf.marks("hours")
    assert series.sums("hours", first=first, last=last) == shelf.sums("hours", first=first, last=last)
    assert series.has_control(first=first, last=last) == shelf.has_control(first=first, last=last)
    assert set(series.segments("hours")) == set(shelf.segments("hours"))


def test_a_shelf_learns_nothing_more() -> None:
    [reading] = readings_of([{"gold": (3, 20.0)}], first=1)
    with pytest.raises(TypeError, match="read, not added to"):
        shelf_of([]).learn(reading)
