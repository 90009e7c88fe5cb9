"""Send a file of readings: see first how it was read and what would become of it, then store it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from pilots.importing.column_maps import ColumnMap, faults_of
from pilots.importing.errors import BadInput, Problem
from pilots.importing.segments import segments_of
from pilots.models import ImportJob
from pilots.permissions import can_record_readings
from pilots.reports.import_words import fates_words
from pilots.reports.uploads import LARGE, headline_of, line_of, rows_of, sample_rows
from pilots.services.carrying import carry_whole
from pilots.services.importing_readings import context_of
from pilots.services.uploading import (
    choose_columns,
    drop_upload,
    go_on_with_upload,
    open_upload,
    start_upload,
)
from pilots.tasks import ring_imports
from pilots.web.editing import allow, attempt, editor, mend_in_pilot, sent, show, visible_pilot
from pilots.web.forms.uploads import LABELS, ColumnsForm, StoreForm, UploadForm
from pilots.web.frame import SignedInRequest

LOOK_AGAIN = "2"  # seconds
State = ImportJob.State


@editor
def new(request: SignedInRequest, ref: str) -> HttpResponse:
    """Take rows or a file, and lead on to how they were read."""
    pilot = visible_pilot(request.user, ref)
    allow(can_record_readings, request.user, pilot)
    form = UploadForm(sent(request), request.FILES or None)
    problems: tuple[Problem, ...] = ()
    if form.is_valid():
        content, name = form.content
        now = timezone.now()
        try:
            job = open_upload(pilot_id=pilot.pk, by=request.user, name=name, content=content, now=now)
        except BadInput as bad:
            problems = bad.problems
        else:
            return redirect("readings-job", ref=ref, pk=job.pk)
    waiting = pilot.import_jobs.without_files().filter(state=State.LOOKED_AT, by=request.user)[:3]
    context = {
        "pilot": pilot,
        "form": form,
        "problems": problems,
        "waiting": waiting,
        "metrics": pilot.metrics.select_related("owner"),
        "example": segments_of({name: tuple(parts) for name, parts in pilot.dimensions.items()})[0],
        "tab": "file",
    }
    return show(request, "pilots/edit_readings.html", context)


@editor
def job(request: SignedInRequest, ref: str, pk: int) -> HttpResponse:
    """Show one file: how it was read, how far it is in, what became of it."""
    pilot = visible_pilot(request.user, ref)
    allow(can_record_readings, request.user, pilot)
    shown = get_object_or_404(
        ImportJob.objects.without_files().filter(pilot=pilot).select_related("by"), pk=pk
    )
    shown.pilot = pilot
    asked = request.POST.get("act", "")
    columns = ColumnsForm(shown, request.POST if asked == "read" else None)
    store = StoreForm(request.POST if asked in ACTS else None)
    if asked == "read" and _read(request, shown, columns):
        return redirect("readings-job", ref=ref, pk=pk)
    if asked in ACTS and ACTS[asked](request, shown, store):
        return redirect("readings-job", ref=ref, pk=pk)
    with timezone.override(pilot.timezone):
        page = show(request, "pilots/readings_job.html", _context(shown, columns, store))
    if shown.is_under_way and "still" not in request.GET:
        page["Refresh"] = LOOK_AGAIN
    return page


def _context(job: ImportJob, columns: ColumnsForm, store: StoreForm) -> dict[str, object]:
    rows = rows_of(job)
    refused = int(job.fates.get("refused", 0))
    return {
        "pilot": job.pilot,
        "job": job,
        "problems": [told | {"field": _place(told["field"], job)} for told in job.problems],
        "line": line_of(job),
        "headline": headline_of(job),
        "columns": columns,
        "sample": sample_rows(job),
        "form": store,
        "lacks": _lacking(job),
        "first": [row for row in rows if not row.replaces],
        "replaced": [row for row in rows if row.replaces],
        "fates": fates_words(job.fates),
        "refused": refused,
        "unlisted": max(0, refused - len(job.problems)),
        "storable": job.rows_total,
    }


def _place(name: str, job: ImportJob) -> str:
    """Name a field as the file calls it, else as the page does."""
    return ColumnMap.of(job.columns).column_of(name) or LABELS.get(name, (name, ""))[0]


def _lacking(job: ImportJob) -> list[str]:
    """Say what has to be known of the columns before the file can be read."""
    if job.looked_at or job.state != State.LOOKED_AT:
        return []
    known = context_of(job.pilot, now=timezone.now())
    return [reason for _, reason in faults_of(ColumnMap.of(job.columns), job.header, known)]


def _read(request: SignedInRequest, job: ImportJob, form: ColumnsForm) -> bool:
    act = lambda: choose_columns(  # noqa: E731
        job_id=job.pk, by=request.user, columns=form.columns, now=timezone.now()
    )
    return form.is_valid() and attempt(form, act, mend=mend_in_pilot(job.pilot)) is not None


def _store(request: SignedInRequest, job: ImportJob, form: StoreForm) -> bool:
    """Store the good rows: a few at once, many by a worker while the person goes on with the day."""
    if not form.is_valid():
        return False
    given = form.cleaned_data
    started = attempt(
        form,
        lambda: start_upload(job_id=job.pk, by=request.user, now=timezone.now(), **given),
        mend=mend_in_pilot(job.pilot),
    )
    if started is None:
        return False
    if started.rows_total > LARGE:
        transaction.on_commit(ring_imports)
        return True
    done = carry_whole(job_id=job.pk, now=timezone.now())
    if done.state == State.DONE:
        messages.success(request, f"Readings: {fates_words(done.counts)}.")
    return True


def _drop(request: SignedInRequest, job: ImportJob, form: StoreForm) -> bool:
    act = lambda: drop_upload(job_id=job.pk, by=request.user, now=timezone.now())  # noqa: E731
    return attempt(form, act, mend=mend_in_pilot(job.pilot)) is not None


def _go_on(request: SignedInRequest, job: ImportJob, form: StoreForm) -> bool:
    act = lambda: go_on_with_upload(job_id=job.pk, by=request.user, now=timezone.now())  # noqa: E731
    going_on = attempt(form, act, mend=mend_in_pilot(job.pilot)) is not None
    if going_on:
        transaction.on_commit(ring_imports)
    return going_on


ACTS: dict[str, Callable[[SignedInRequest, ImportJob, StoreForm], bool]] = {
    "store": _store,
    "drop": _drop,
    "go-on": _go_on,
}
