"""Files of readings from a page: read and weighed first, stored only when a person says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from pilots.importing.column_maps import ColumnMap, faults_of, guess_columns
from pilots.importing.errors import Problem
from pilots.importing.packing import packed, packed_accounts
from pilots.importing.readings import ReadingContext, Row
from pilots.importing.uploads import Shape, Upload, lines_at, read_upload, shape_of
from pilots.models import ImportJob, Pilot, User
from pilots.permissions import can_record_readings, require
from pilots.services.errors import Reason, Refused
from pilots.services.importing_readings import context_of
from pilots.services.touching import touch
from pilots.services.weighing import Weighing, weigh

State = ImportJob.State
SHOWN = 10  # rows that are shown as they were read
LISTED = 200  # refused lines told one by one; the rest are counted
EMPTIED: dict[str, Any] = {"content": b"", "rows": b"", "accounts": b""}


def open_upload(*, pilot_id: int, by: User, name: str, content: bytes, now: datetime) -> ImportJob:
    """Read a file and weigh its rows; nothing is stored of them yet.

    The columns are those of the pilot's last file with the same header, else what their names most
    likely mean. Raises BadInput where there is no header to read.
    """
    pilot = Pilot.objects.get(pk=pilot_id)
    require(can_record_readings, by, pilot)
    shape = shape_of(content, file=name)
    job = ImportJob(pilot=pilot, by=by, name=_storable(name)[:120], content=content, created_at=now)
    job.header, job.delimiter = list(shape.names), shape.delimiter
    known = context_of(pilot, now=now)
    job.columns = (_remembered(pilot, shape, known) or guess_columns(shape.names, known)).as_json()
    _look(job, known, now)
    job.save()
    return job


def choose_columns(*, job_id: int, by: User, columns: ColumnMap, now: datetime) -> ImportJob:
    """Say what the columns mean, and read the file again."""
    job = ImportJob.objects.select_related("pilot").get(pk=job_id)
    require(can_record_readings, by, job.pilot)
    known = context_of(job.pilot, now=now)
    if faults := list(faults_of(columns, job.header, known)):
        raise Refused(*(Reason(f"{reason[:1].upper()}{reason[1:]}.", field=name) for name, reason in faults))
    job.columns = columns.as_json()
    _look(job, known, now)
    with transaction.atomic():
        _lock(job_id, of=(State.LOOKED_AT,))
        job.save()
    return job


@transaction.atomic
def start_upload(
    *, job_id: int, by: User, now: datetime, correction_reason: str = "", leave_out: bool = False
) -> ImportJob:
    """Have the good rows of a file stored, as they were shown.

    Rows that give other numbers for an instant that is known need a reason, or are left out.
    """
    job = _lock(job_id, of=(State.LOOKED_AT,))
    require(can_record_readings, by, job.pilot)
    reason = correction_reason.strip()
    if not job.rows_total:
        raise Refused(Reason("No row of this file can be stored."))
    if job.replacing and not (reason or leave_out):
        asked = "Say why these numbers are corrected, or leave them out."
        raise Refused(Reason(asked, field="correction_reason"))
    job.state, job.by, job.started_at, job.content = State.WAITING, by, now, b""
    job.correction_reason = "" if leave_out else reason
    unreadable = int(job.expected.get("unreadable", 0))
    job.counts, job.problems = {"refused": unreadable}, job.problems[:unreadable]
    job.save()
    return job


@transaction.atomic
def go_on_with_upload(*, job_id: int, by: User, now: datetime) -> ImportJob:
    """Try once more what was given up. Rows that are in already stay as they are."""
    job = _lock(job_id, of=(State.FAILED,))
    require(can_record_readings, by, job.pilot)
    job.state, job.by, job.why, job.failures = State.WAITING, by, "", 0
    job.started_at, job.ended_at = now, None
    job.save(update_fields=["state", "by", "why", "failures", "started_at", "ended_at"])
    return job


@transaction.atomic
def drop_upload(*, job_id: int, by: User, now: datetime) -> ImportJob:
    """Store nothing of a file, or nothing more of one that is being stored; what is in stays."""
    job = _lock(job_id, of=(State.LOOKED_AT, State.WAITING, State.RUNNING, State.FAILED))
    require(can_record_readings, by, job.pilot)
    if job.rows_done:
        touch(job.pilot_id)
    return _end(job, State.CANCELLED, now=now)


def forget_uploads(*, now: datetime) -> int:
    """Drop what was looked at a week ago and never stored."""
    return ImportJob.objects.forgotten(now).update(
        state=State.CANCELLED, ended_at=now, fence=F("fence") + 1, **EMPTIED
    )


def _end(job: ImportJob, state: str, *, now: datetime) -> ImportJob:
    job.state, job.ended_at, job.lease_until = state, now, None
    job.fence += 1
    for name, nothing in EMPTIED.items():
        setattr(job, name, nothing)
    job.save()
    return job


def _lock(job_id: int, *, of: Sequence[str]) -> ImportJob:
    job = ImportJob.objects.select_for_update(of=("self",)).select_related("pilot").get(pk=job_id)
    if job.state not in of:
        raise Refused(Reason(f"“{job}” is {job.get_state_display().lower()} already."))
    return job


def _remembered(pilot: Pilot, shape: Shape, known: ReadingContext) -> ColumnMap | None:
    """Return how the pilot's last file of these columns was read, where that still holds."""
    same = pilot.import_jobs.filter(header=list(shape.names), started_at__isnull=False)
    kept = same.order_by("-started_at").values_list("columns", flat=True).first()
    columns = ColumnMap.of(kept) if kept else None
    return columns if columns and not any(faults_of(columns, shape.names, known)) else None


def _look(job: ImportJob, known: ReadingContext, now: datetime) -> None:
    """Read and weigh the file as its columns say; where they do not say enough, there is nothing to show."""
    shape, columns = Shape(tuple(job.header), job.delimiter), ColumnMap.of(job.columns)
    job.looked_at = None if any(faults_of(columns, shape.names, known)) else now
    if job.looked_at is None:
        job.rows, job.accounts, job.rows_total = b"", b"", 0
        job.expected, job.shown, job.problems = {}, [], []
        return
    content = bytes(job.content)
    names = dict(job.pilot.metrics.values_list("name", "ref"))
    upload = read_upload(content, file=job.name, shape=shape, columns=columns, known=known, names=names)
    first = sorted(upload.rows, key=lambda row: row.line)[:SHOWN]
    weighing = weigh(job.pilot, upload.rows, shown={row.line for row in first}, now=now)
    job.rows, job.accounts = packed(upload.rows), packed_accounts(upload.accounts)
    job.rows_total = len(upload.rows)
    job.shown, job.expected = _shown(upload.rows, weighing), _expected(upload, weighing)
    told = [*upload.problems, *weighing.counts.problems][:LISTED]
    texts = lines_at(content, {problem.line for problem in told if problem.line})
    job.problems = [_told(problem, texts) for problem in told]


def _expected(upload: Upload, weighing: Weighing) -> dict[str, int]:
    counts = {name: number for name, number in asdict(weighing.counts).items() if name != "problems"}
    unreadable = len(upload.problems)
    refused = {"refused": counts["refused"] + unreadable, "unreadable": unreadable}
    return counts | refused | {"replacing": len(weighing.replacing)}


def _shown(rows: Sequence[Row], weighing: Weighing) -> list[dict[str, Any]]:
    """Return the first rows, and of those that need a reason the first, as the page tells them."""
    found = (row for row in rows if row.line in weighing.rows)
    return [_row(row, weighing) for row in sorted(found, key=lambda row: row.line)]


def _row(row: Row, weighing: Weighing) -> dict[str, Any]:
    reading, weighed = row.reading, weighing.rows[row.line]
    before = weighed.before
    return {
        "line": row.line,
        "day": str(reading.day),
        "as_of": reading.as_of.isoformat(),
        "arm": str(reading.arm),
        "segment": reading.segment,
        "metric": reading.metric,
        "n": reading.moments.n,
        "total": reading.moments.total,
        "before": [before.n, before.total] if before else None,
        "fate": str(weighed.fate),
        "replaces": row.line in weighing.replacing,
    }


def _told(problem: Problem, texts: dict[int, str]) -> dict[str, Any]:
    line, text = problem.line, texts.get(problem.line or 0, "")
    said = {"field": problem.field, "reason": problem.reason, "text": text}
    return {"line": line} | {name: _storable(value) for name, value in said.items()}


def _storable(text: str) -> str:
    """Return a text as every database can keep it."""
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
