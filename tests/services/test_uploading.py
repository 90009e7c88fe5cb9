"""A file is looked at before anything is stored, and stored as it was shown."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pilots.importing.column_maps import ColumnMap
from pilots.importing.errors import BadInput
from pilots.models import ImportJob, Observation, Pilot, PilotState, ReadingRevision, User
from pilots.permissions import NotAllowed
from pilots.services.carrying import carry_next, carry_whole
from pilots.services.errors import Refused
from pilots.services.uploading import choose_columns, drop_upload, forget_uploads, start_upload
from tests.builders import NOON, START, a_decision, a_metric, a_pilot
from tests.services.uploads import HEADER, a_row, sent

pytestmark = [pytest.mark.django_db, pytest.mark.database]

NEXT_DAY = START + timedelta(days=1)
BAD = a_row(NEXT_DAY, kind="purple") + a_row(NEXT_DAY, n=0)


@pytest.fixture
def pilot(owner: User) -> Pilot:
    return a_metric(a_pilot(decision=a_decision(owner=owner))).pilot


def stored(job: ImportJob, by: User, **how: object) -> ImportJob:
    start_upload(job_id=job.pk, by=by, now=NOON, **how)  # type: ignore[arg-type]
    return carry_whole(job_id=job.pk, now=NOON)


def test_a_file_is_weighed_and_nothing_of_it_is_stored(pilot: Pilot, owner: User) -> None:
    stored(sent(pilot, HEADER + a_row(), by=owner), owner)
    later = a_row(n=12, as_of="2026-03-09")
    job = sent(pilot, HEADER + a_row() + later + a_row(NEXT_DAY) + BAD, by=owner)
    assert job.expected == {
        "new": 1,
        "same": 1,
        "corrected": 1,
        "older": 0,
        "refused": 2,
        "unreadable": 2,
        "replacing": 0,
    }
    assert [(told["line"], told["field"]) for told in job.problems] == [(5, "segment"), (6, "n")]
    assert job.problems[0]["text"] == a_row(NEXT_DAY, kind="purple").strip()
    assert [(row["line"], row["fate"]) for row in job.shown] == [(2, "same"), (3, "corrected"), (4, "new")]
    assert Observation.objects.count() == 1


def test_what_is_stored_is_what_was_foretold_and_the_pilot_is_judged_anew(pilot: Pilot, owner: User) -> None:
    job = sent(pilot, HEADER + a_row() + a_row(n=12, as_of="2026-03-09") + BAD, by=owner)
    before = PilotState.objects.get(pilot=pilot).dirty_seq
    done = stored(job, owner)
    assert (done.state, done.rows_done, done.ended_at) == ("done", 2, NOON)
    told = {name: job.expected[name] for name in ("new", "same", "corrected", "older", "refused")}
    assert done.counts == told
    assert [told["line"] for told in done.problems] == [4, 5]
    assert PilotState.objects.get(pilot=pilot).dirty_seq > before
    assert set(ReadingRevision.objects.values_list("source", "by", "received_at")) == {
        ("march.csv", owner.pk, NOON)
    }


def test_a_file_that_is_in_is_not_kept_a_second_time(pilot: Pilot, owner: User) -> None:
    done = stored(sent(pilot, HEADER + a_row(), by=owner), owner)
    assert (bytes(done.content), bytes(done.rows), bytes(done.accounts)) == (b"", b"", b"")


def test_other_numbers_for_a_known_instant_are_stored_with_a_reason(pilot: Pilot, owner: User) -> None:
    stored(sent(pilot, HEADER + a_row(), by=owner), owner)
    job = sent(pilot, HEADER + a_row(n=11) + a_row(NEXT_DAY), by=owner)
    assert (job.replacing, job.shown[0]["replaces"], job.shown[0]["before"]) == (1, True, [10, 200.0])
    with pytest.raises(Refused, match="Say why these numbers are corrected") as refused:
        stored(job, owner)
    assert refused.value.reasons[0].field == "correction_reason"
    assert stored(job, owner, correction_reason="Counted again").counts["corrected"] == 1
    newest = ReadingRevision.objects.order_by("pk").filter(day=START).last()
    assert newest is not None
    assert (newest.n, newest.reason, newest.by) == (11, "Counted again", owner)


def test_or_they_are_left_out_and_named(pilot: Pilot, owner: User) -> None:
    stored(sent(pilot, HEADER + a_row(), by=owner), owner)
    job = sent(pilot, HEADER + a_row(n=11) + a_row(NEXT_DAY), by=owner)
    done = stored(job, owner, leave_out=True)
    assert (done.counts["new"], done.counts["refused"], done.problems[0]["line"]) == (1, 1, 2)
    assert Observation.objects.get(day=START, segment="low").n == 10


def test_columns_that_cannot_be_guessed_are_asked_for_and_then_remembered(pilot: Pilot, owner: User) -> None:
    text = "when,sort,howmany,hours,squares\n2026-03-02,low,10,200,4160\n"
    job = sent(pilot, text, by=owner)
    assert (job.looked_at, job.rows_total) == (None, 0)
    with pytest.raises(Refused, match="No row of this file"):
        start_upload(job_id=job.pk, by=owner, now=NOON)
    wrong = ColumnMap({"observed_on": "whenever"}, {"metric": "resolution_hours"})
    with pytest.raises(Refused, match="no column 'whenever'"):
        choose_columns(job_id=job.pk, by=owner, columns=wrong, now=NOON)
    columns = {"observed_on": "when", "segment": "sort", "n": "howmany", "sum": "hours", "sum_sq": "squares"}
    right = ColumnMap(columns, {"metric": "resolution_hours"})
    assert choose_columns(job_id=job.pk, by=owner, columns=right, now=NOON).expected["new"] == 1
    stored(job, owner)
    again = sent(pilot, text.replace("2026-03-02", "2026-03-03"), by=owner)
    assert again.expected["new"] == 1


def test_a_file_without_a_header_to_read_leaves_nothing_behind(pilot: Pilot, owner: User) -> None:
    with pytest.raises(BadInput, match="not UTF-8"):
        sent(pilot, "Größe,Tag\n".encode("latin-1"), by=owner)
    assert not ImportJob.objects.exists()


def test_text_that_no_database_can_keep_is_told_all_the_same(pilot: Pilot, owner: User) -> None:
    odd = '{"observed_on": "2026-03-02", "segment": "l\\u0000w\\ud800", "n": 1, "sum": 20, "sum_sq": 400}\n'
    job = sent(pilot, odd, by=owner, name="a\x00b.ndjson")
    assert job.expected["refused"] == 1
    assert ImportJob.objects.get().problems[0]["field"] == "segment"


def test_who_drops_a_file_stores_nothing_and_a_forgotten_one_goes_by_itself(
    pilot: Pilot, owner: User
) -> None:
    dropped, forgotten = (sent(pilot, HEADER + a_row(), by=owner) for _ in range(2))
    drop_upload(job_id=dropped.pk, by=owner, now=NOON)
    assert forget_uploads(now=NOON + timedelta(days=6)) == 0
    assert forget_uploads(now=NOON + timedelta(days=8)) == 1
    with pytest.raises(Refused, match="cancelled already"):
        start_upload(job_id=forgotten.pk, by=owner, now=NOON)
    assert not carry_next(now=NOON)
    assert not Observation.objects.exists()


def test_a_stranger_sends_and_stores_nothing(pilot: Pilot, owner: User, stranger: User) -> None:
    job = sent(pilot, HEADER + a_row(), by=owner)
    with pytest.raises(NotAllowed):
        sent(pilot, HEADER + a_row(), by=stranger)
    for act in (start_upload, drop_upload):
        with pytest.raises(NotAllowed):
            act(job_id=job.pk, by=stranger, now=NOON)
