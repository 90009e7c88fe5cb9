from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pilots.evaluation.days import end_of_day
from pilots.evaluation.moments import Moments
from pilots.evaluation.specs import Reading
from pilots.importing.errors import BadInput, Problem
from pilots.importing.readings import Row
from pilots.models import Observation, Pilot, PilotState, ReadingRevision, User
from pilots.permissions import NotAllowed
from pilots.services import recording
from pilots.services.recording import Counts, record_readings
from tests.builders import NOON, START, a_metric, a_person, a_pilot

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def a_reading(day: date = START, *, n: int = 10, known: int = 0, **fields: Any) -> Reading:
    """A day's cases, 20 hours each, as known `known` days after the day."""
    as_of = end_of_day(day + timedelta(days=known), "UTC")
    fields = {"metric": "resolution_hours", "segment": "low"} | fields
    return Reading(day=day, moments=Moments(n, n * 20.0, n * 416.0), as_of=as_of, **fields)


def record(pilot: Pilot, *rows: Row | Reading | Problem, **fields: Any) -> Counts:
    fields = {"by": None, "source": "tests", "now": NOON} | fields
    return record_readings(pilot_id=pilot.pk, rows=rows, **fields)


@pytest.fixture
def pilot(db: None) -> Pilot:
    pilot = a_pilot()
    a_metric(pilot)
    return pilot


def test_a_new_reading_is_current_and_begins_its_chain(pilot: Pilot) -> None:
    assert record(pilot, a_reading()) == Counts(new=1)
    current = Observation.objects.get()
    assert (current.day, current.segment, current.arm, current.n, current.total) == (
        START,
        "low",
        "pilot",
        10,
        200,
    )
    assert (current.received_at, current.source) == (NOON, "tests")
    assert ReadingRevision.objects.get().kind == ReadingRevision.Kind.NEW


def test_a_later_value_becomes_current_and_the_earlier_stays_as_a_revision(pilot: Pilot) -> None:
    record(pilot, a_reading(n=10))
    assert record(pilot, a_reading(n=12, known=3)) == Counts(corrected=1)
    assert Observation.objects.get().n == 12
    assert list(ReadingRevision.objects.order_by("as_of").values_list("n", "kind")) == [
        (10, "new"),
        (12, "corrected"),
    ]


def test_an_earlier_value_that_arrives_late_is_kept_without_becoming_current(pilot: Pilot) -> None:
    record(pilot, a_reading(n=12, known=3))
    assert record(pilot, a_reading(n=10)) == Counts(older=1)
    assert Observation.objects.get().n == 12
    assert record(pilot, a_reading(n=10)) == Counts(same=1)
    assert ReadingRevision.objects.count() == 2


def test_saying_the_same_again_changes_nothing_and_wakes_nobody(pilot: Pilot) -> None:
    record(pilot, a_reading())
    seq = PilotState.objects.get(pilot=pilot).dirty_seq
    assert record(pilot, a_reading()) == Counts(same=1)
    assert PilotState.objects.get(pilot=pilot).dirty_seq == seq
    assert ReadingRevision.objects.count() == 1


def test_what_is_stored_asks_for_one_evaluation_however_many_rows(pilot: Pilot) -> None:
    seq = PilotState.objects.get(pilot=pilot).dirty_seq
    record(pilot, *(a_reading(START + timedelta(days=day)) for day in range(20)))
    assert PilotState.objects.get(pilot=pilot).dirty_seq == seq + 1


@pytest.mark.parametrize("known", [0, 3], ids=["the current value", "an older value"])
def test_other_numbers_for_the_same_instant_need_a_reason(pilot: Pilot, known: int) -> None:
    record(pilot, a_reading(n=10), a_reading(n=12, known=3))
    with pytest.raises(BadInput, match="same as_of") as refused:
        record(pilot, Row(a_reading(n=99, known=known), line=7), source="late.csv")
    assert (refused.value.problems[0].file, refused.value.problems[0].line) == ("late.csv", 7)
    assert Observation.objects.get().n == 12


def test_a_correction_with_a_reason_replaces_the_numbers_and_says_why(pilot: Pilot, owner: User) -> None:
    record(pilot, a_reading(n=10))
    by = a_person("pilot.owner@example.org")
    counts = record(pilot, a_reading(n=11), by=by, correction_reason="Two tickets were counted twice")
    assert counts == Counts(corrected=1)
    assert Observation.objects.get().n == 11
    newest = ReadingRevision.objects.order_by("pk").last()
    assert newest is not None
    assert (newest.kind, newest.by, newest.reason) == ("corrected", by, "Two tickets were counted twice")
    assert record(pilot, a_reading(n=11)) == Counts(same=1)


def test_correcting_an_older_value_leaves_the_current_one(pilot: Pilot) -> None:
    record(pilot, a_reading(n=10), a_reading(n=12, known=3))
    assert record(pilot, a_reading(n=9), correction_reason="Recounted") == Counts(corrected=1)
    assert Observation.objects.get().n == 12
    assert record(pilot, a_reading(n=9)) == Counts(same=1)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (a_reading(metric="cost"), "no metric 'cost'"),
        (a_reading(segment="middling"), "no segment 'middling'"),
        (a_reading(NOON.date() + timedelta(days=1)), "future"),
        (a_reading(n=0), "at least 1"),
        (Problem("not a number", file="x.csv", line=3, field="n"), "not a number"),
    ],
)
def test_one_refused_row_keeps_the_whole_file_out(pilot: Pilot, row: Reading | Problem, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        record(pilot, a_reading(), row)
    assert not Observation.objects.exists()
    assert not ReadingRevision.objects.exists()


def test_with_partial_the_good_rows_are_stored_and_the_refused_are_listed(pilot: Pilot) -> None:
    counts = record(pilot, a_reading(), Row(a_reading(metric="cost"), line=3), partial=True)
    assert (counts.new, counts.refused) == (1, 1)
    assert counts.problems[0].line == 3
    assert Observation.objects.count() == 1


def test_of_very_many_refused_rows_the_first_are_told_and_all_are_counted(
    pilot: Pilot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "LISTED", 5)
    counts = record(pilot, *[Problem("bad", line=line) for line in range(1, 21)], partial=True)
    assert (counts.refused, [p.line for p in counts.problems]) == (20, [1, 2, 3, 4, 5])


def test_a_stranger_records_nothing(pilot: Pilot, stranger: User) -> None:
    with pytest.raises(NotAllowed):
        record(pilot, a_reading(), by=stranger)


def test_a_pilot_that_runs_east_of_here_has_its_own_tomorrow(pilot: Pilot) -> None:
    pilot.timezone = "Pacific/Auckland"
    pilot.save()
    late = datetime.combine(NOON.date(), NOON.time().replace(hour=20), NOON.tzinfo)
    assert record(pilot, a_reading(NOON.date() + timedelta(days=1)), now=late) == Counts(new=1)


KEYS = st.tuples(st.integers(0, 2), st.sampled_from(["low", "high"]), st.integers(0, 3))
FILES = st.lists(KEYS, min_size=1, max_size=12).flatmap(
    lambda keys: st.tuples(st.just(keys), st.permutations(keys + keys[:3]), st.integers(1, 5))
)


def stored() -> tuple[list[Any], list[Any]]:
    columns = ("day", "segment", "as_of", "n", "total", "total_sq")
    revisions = ReadingRevision.objects.order_by(*columns).values_list(*columns)
    return list(Observation.objects.order_by(*columns).values_list(*columns)), list(revisions)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FILES)
def test_any_order_any_repetition_and_any_chunking_end_in_the_same_rows(
    pilot: Pilot, monkeypatch: pytest.MonkeyPatch, story: tuple[list[Any], list[Any], int]
) -> None:
    in_order, shuffled, chunk = story
    ends = []
    for keys, size in ((sorted(in_order), 5_000), (shuffled, chunk)):
        monkeypatch.setattr(recording, "CHUNK", size)
        Observation.objects.all().delete()
        ReadingRevision.objects.all().delete()
        days = ((START + timedelta(days=day), segment, known) for day, segment, known in keys)
        record(pilot, *(a_reading(d, segment=s, known=k, n=10 + k) for d, s, k in days))
        ends.append(stored())
    assert ends[0] == ends[1]
