"""Carry files of readings in, bit by bit: each bit is one transaction with the note that it is done.

A worker that is killed loses at most the bit in its hands; whoever comes next goes on after the last one.
"""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from pilots.importing.packing import unpacked, unpacked_accounts
from pilots.models import ImportJob
from pilots.permissions import NotAllowed
from pilots.services.clustering import keep_account_sums
from pilots.services.import_letters import tell_of_import
from pilots.services.intake import Counts
from pilots.services.leasing import FREE, LEASE, owner_name
from pilots.services.recording import record_readings
from pilots.services.uploading import EMPTIED, LISTED

logger = logging.getLogger(__name__)

State = ImportJob.State
BIT = 2_000  # rows a transaction
MOST_TRIES = 3
LONG = timedelta(seconds=60)  # whoever waited longer gets a mail


def carry_next(*, now: datetime) -> bool:
    """Store one bit of the file that has waited longest. Return False when none is due."""
    return _carry(Q(), now=now)


def carry_whole(*, job_id: int, now: datetime) -> ImportJob:
    """Store a small file at once; where somebody else has taken it up, they go on with it."""
    while _carry(Q(pk=job_id), now=now):
        pass
    return ImportJob.objects.without_files().select_related("pilot").get(pk=job_id)


def _carry(which: Q, *, now: datetime) -> bool:
    job = _claim(which)
    if job is None:
        return False
    try:
        _store_bit(job, now=now)
    except NotAllowed as refusal:
        _fail(job, str(refusal), now=now)
    except Exception as error:  # it is this file's fault alone: the others go on
        logger.exception("File %s could not be carried on.", job.pk)
        _note_failure(job, error, now=now)
    return True


def _claim(which: Q) -> ImportJob | None:
    """Claim a file by one conditional UPDATE, with a lease by the database's clock and a fence."""
    with transaction.atomic():
        due = ImportJob.objects.due().filter(which).select_for_update(skip_locked=True, of=("self",))
        job = due.only("pk", "fence", "failures").first()
        if job is None:
            return None
        lease = {"lease_owner": owner_name(), "lease_until": Now() + LEASE}
        free = ImportJob.objects.under_way().filter(FREE, pk=job.pk, fence=job.fence)
        job.fence += 1
        taken = free.update(state=State.RUNNING, fence=F("fence") + 1, **lease)
    return job if taken else None


@transaction.atomic
def _store_bit(claim: ImportJob, *, now: datetime) -> None:
    held = ImportJob.objects.select_for_update(of=("self",)).select_related("pilot", "by")
    job = (
        held.filter(pk=claim.pk, fence=claim.fence, state=State.RUNNING).defer("content", "accounts").first()
    )
    if job is None:
        return  # somebody else has it, or it was cancelled
    rows = unpacked(bytes(job.rows), first=job.rows_done, most=BIT)
    counts = record_readings(
        pilot_id=job.pilot_id,
        rows=rows,
        by=job.by,
        source=job.name,
        now=now,  # not when it was started: a past page shows no row before it was there
        correction_reason=job.correction_reason,
        partial=True,
    )
    job.rows_done += len(rows)
    job.failures, job.lease_until = 0, None
    _add(job, counts)
    if job.rows_done >= job.rows_total:
        _finish(job, now=now)
    job.save(
        update_fields=["rows_done", "failures", "lease_until", "counts", "problems", "state", "ended_at"]
    )


def _add(job: ImportJob, counts: Counts) -> None:
    new = {name: number for name, number in asdict(counts).items() if name != "problems"}
    job.counts = {name: int(job.counts.get(name, 0)) + number for name, number in new.items()}
    told = [{"line": p.line, "field": p.field, "reason": p.reason, "text": ""} for p in counts.problems]
    job.problems = [*job.problems, *told][:LISTED]


def _finish(job: ImportJob, *, now: datetime) -> None:
    job.state, job.ended_at = State.DONE, now
    keep_account_sums(pilot_id=job.pilot_id, sums=unpacked_accounts(bytes(job.accounts)))
    ImportJob.objects.filter(pk=job.pk).update(**EMPTIED)
    if job.started_at and now - job.started_at > LONG:
        tell_of_import(job, now=now)


def _note_failure(claim: ImportJob, error: Exception, *, now: datetime) -> None:
    """Count a failure. The lease stays, as a pause before the next try; after three it is given up."""
    if claim.failures + 1 >= MOST_TRIES:
        _fail(claim, f"{type(error).__name__}: {error}", now=now)
        return
    ImportJob.objects.filter(pk=claim.pk, fence=claim.fence).update(failures=F("failures") + 1)


@transaction.atomic
def _fail(claim: ImportJob, why: str, *, now: datetime) -> None:
    """Give a file up. Its rows are kept, so that it can be gone on with."""
    held = ImportJob.objects.select_for_update(of=("self",)).without_files().select_related("pilot", "by")
    job = held.filter(pk=claim.pk, fence=claim.fence, state=State.RUNNING).first()
    if job is None:
        return
    job.state, job.why, job.ended_at, job.lease_until = State.FAILED, why[:1000], now, None
    job.save(update_fields=["state", "why", "ended_at", "lease_until"])
    tell_of_import(job, now=now)
