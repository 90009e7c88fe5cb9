"""A long file is stored bit by bit: whoever stops in the middle, it ends in the rows of a calm run."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db.models import Q

from pilots.models import (
    AccountShare,
    ImportJob,
    Notification,
    Observation,
    Pilot,
    PilotState,
    ReadingRevision,
    User,
)
from pilots.reports.engine_checks import late_files
from pilots.services import carrying
from pilots.services.carrying import carry_next, carry_whole
from pilots.services.recording import record_readings
from pilots.services.uploading import drop_upload, go_on_with_upload, start_upload
from tests.builders import NOON, START, a_decision, a_metric, a_pilot
from tests.services.uploads import HEADER, a_file, a_row, sent

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def pilot(owner: User) -> Pilot:
    return a_metric(a_pilot(decision=a_decision(owner=owner))).pilot


@pytest.fixture
def job(pilot: Pilot, owner: User, monkeypatch: pytest.MonkeyPatch) -> ImportJob:
    """Twenty days of two kinds, stored four rows at a time."""
    monkeypatch.setattr(carrying, "BIT", 4)
    job = sent(pilot, a_file(40), by=owner)
    return start_upload(job_id=job.pk, by=owner, now=NOON)


def now_known(job: ImportJob) -> ImportJob:
    return ImportJob.objects.get(pk=job.pk)


def test_each_bit_is_stored_with_the_note_that_it_is(job: ImportJob) -> None:
    seen = []
    while carry_next(now=NOON):
        known = now_known(job)
        seen.append((known.rows_done, Observation.objects.count(), known.counts["new"]))
    assert seen == [(n, n, n) for n in range(4, 41, 4)]
    assert now_known(job).state == "done"


def test_whoever_looks_in_between_sees_whole_days(job: ImportJob) -> None:
    while carry_next(now=NOON):
        kinds: dict[date, int] = {}
        for day in Observation.objects.values_list("day", flat=True):
            kinds[day] = kinds.get(day, 0) + 1
        assert set(kinds.values()) == {2}


def test_a_bit_that_breaks_off_leaves_nothing_half_and_the_next_goes_on(
    job: ImportJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    carry_next(now=NOON)
    with monkeypatch.context() as broken:
        broken.setattr(carrying, "record_readings", stored_and_then_broken)
        assert carry_next(now=NOON)
    assert (now_known(job).rows_done, Observation.objects.count()) == (4, 4)
    assert not carry_next(now=NOON)  # a pause
    ImportJob.objects.update(lease_until=None)
    carry_whole(job_id=job.pk, now=NOON)
    assert (now_known(job).counts["new"], Observation.objects.count()) == (40, 40)


def stored_and_then_broken(**what: Any) -> None:
    record_readings(**what)
    raise OSError("no space left on device")


def test_what_breaks_three_times_is_given_up_told_of_and_gone_on_with(
    job: ImportJob, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    carry_next(now=NOON)
    with monkeypatch.context() as broken:
        broken.setattr(carrying, "record_readings", stored_and_then_broken)
        for _ in range(3):
            ImportJob.objects.update(lease_until=None)
            carry_next(now=NOON)
    failed = now_known(job)
    assert (failed.state, failed.rows_done) == ("failed", 4)
    mail = Notification.objects.get()
    assert (mail.recipient, mail.subject) == (
        owner.email,
        "Not stored: march.csv could not be stored whole (tiers)",
    )
    assert "4 of 40 rows" in mail.text
    assert "no space left on device" in mail.text
    go_on_with_upload(job_id=job.pk, by=owner, now=NOON)
    assert carry_whole(job_id=job.pk, now=NOON).state == "done"
    assert Observation.objects.count() == 40


def test_rows_arrive_when_they_are_stored_however_long_ago_their_file_was_started(
    job: ImportJob, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon, next_day = NOON + timedelta(minutes=5), NOON + timedelta(days=1)
    carry_next(now=soon)
    with monkeypatch.context() as broken:
        broken.setattr(carrying, "record_readings", stored_and_then_broken)
        for _ in range(3):
            ImportJob.objects.update(lease_until=None)
            carry_next(now=soon)
    go_on_with_upload(job_id=job.pk, by=owner, now=next_day)
    carry_whole(job_id=job.pk, now=next_day)
    there_at = [NOON, soon, next_day - timedelta(seconds=1), next_day]
    assert [ReadingRevision.objects.current_at(instant).count() for instant in there_at] == [0, 4, 4, 40]
    assert set(ReadingRevision.objects.values_list("source", flat=True)) == {"march.csv"}


def test_a_file_that_is_gone_on_with_has_waited_since_then(job: ImportJob, owner: User) -> None:
    ImportJob.objects.update(state="failed")
    next_day = NOON + timedelta(days=1)
    go_on_with_upload(job_id=job.pk, by=owner, now=next_day)
    assert not late_files(next_day).exists()
    carry_whole(job_id=job.pk, now=next_day)
    assert not Notification.objects.exists()


def test_who_took_long_gets_one_mail_and_who_did_not_gets_none(pilot: Pilot, owner: User) -> None:
    for day, waited in ((START, timedelta(seconds=5)), (START + timedelta(days=1), timedelta(minutes=2))):
        job = sent(pilot, HEADER + a_row(day), by=owner)
        start_upload(job_id=job.pk, by=owner, now=NOON)
        carry_whole(job_id=job.pk, now=NOON + waited)
    mail = Notification.objects.get()
    assert mail.subject == "Stored: march.csv is stored (tiers)"
    assert "1 new." in mail.text
    assert f"/pilots/tiers/readings/import/{job.pk}/" in mail.text


def test_a_worker_whose_claim_is_gone_stores_nothing(job: ImportJob, monkeypatch: pytest.MonkeyPatch) -> None:
    claim = carrying._claim(Q())
    assert claim is not None
    ImportJob.objects.update(lease_until=NOON - timedelta(days=365))
    other = carrying._claim(Q())
    assert other is not None
    carrying._store_bit(claim, now=NOON)
    assert not Observation.objects.exists()
    carrying._store_bit(other, now=NOON)
    assert Observation.objects.count() == 4


def test_what_is_cancelled_in_the_middle_stays_as_far_as_it_is(
    job: ImportJob, owner: User, pilot: Pilot
) -> None:
    carry_next(now=NOON)
    before = PilotState.objects.get(pilot=pilot).dirty_seq
    drop_upload(job_id=job.pk, by=owner, now=NOON)
    assert not carry_next(now=NOON)
    assert (now_known(job).state, Observation.objects.count()) == ("cancelled", 4)
    assert PilotState.objects.get(pilot=pilot).dirty_seq > before


def test_who_may_no_longer_record_ends_the_job_at_once(job: ImportJob, owner: User) -> None:
    carry_next(now=NOON)
    User.objects.filter(pk=owner.pk).update(is_active=False)
    carry_next(now=NOON)
    assert (now_known(job).state, now_known(job).why) == (
        "failed",
        "Only the owners of this pilot or of one of its metrics may record readings.",
    )


def test_who_brought_the_cases_is_kept_with_the_last_bit(pilot: Pilot, owner: User) -> None:
    cases = "observed_on,segment,value,account\n" + "2026-03-02,low,20,a\n2026-03-02,low,22,b\n"
    job = sent(pilot, cases, by=owner)
    start_upload(job_id=job.pk, by=owner, now=NOON)
    carry_whole(job_id=job.pk, now=NOON)
    assert (Observation.objects.get().n, AccountShare.objects.count()) == (2, 2)


def test_files_are_carried_in_the_order_in_which_they_were_started(pilot: Pilot, owner: User) -> None:
    days = [START + timedelta(days=number) for number in range(3)]
    jobs = [sent(pilot, HEADER + a_row(day), by=owner) for day in days]
    for minutes, job in enumerate(reversed(jobs)):
        start_upload(job_id=job.pk, by=owner, now=NOON + timedelta(minutes=minutes))
    order = []
    while carry_next(now=NOON):
        order.append(Observation.objects.order_by("-pk").values_list("day", flat=True)[0])
    assert all(one > other for one, other in pairwise(order))


def test_fifty_thousand_rows_are_looked_at_and_stored(pilot: Pilot, owner: User) -> None:
    kinds = [f"team {number}" for number in range(50)]
    Pilot.objects.filter(pk=pilot.pk).update(dimensions={"team": kinds})
    days = [START - timedelta(days=number) for number in range(1000)]
    text = HEADER + "".join(a_row(day, kind=kind) for day in days for kind in kinds)
    job = sent(pilot, text, by=owner)
    assert job.expected["new"] == 50_000
    start_upload(job_id=job.pk, by=owner, now=NOON)
    done = carry_whole(job_id=job.pk, now=NOON)
    assert (done.state, done.counts["new"], done.failures) == ("done", 50_000, 0)
    assert Observation.objects.count() == 50_000
