"""A file of readings as its page shows it: the rows as they were read, and what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q

from pilots.importing.uploads import Shape, sample_of
from pilots.models import ImportJob, Metric, Pilot
from pilots.reports.import_words import FATES, fates_words, kind_words, reading_words
from pilots.reports.words import counted

TOLD_FOR = timedelta(days=1)
LARGE = 2_000  # rows; what is smaller is stored while its sender waits
MOST_TOLD = 5


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One row in words; `before` is what is known in its place."""

    line: int
    day: date
    as_of: datetime
    kind: str
    metric: str
    says: str
    before: str
    fate: str
    replaces: bool


def rows_of(job: ImportJob) -> list[ShownRow]:
    """Return the first rows of a file, and those of the first that need a reason; one query."""
    metrics = {metric.ref: metric for metric in Metric.objects.filter(pilot=job.pilot_id)}
    return [_row(row, metrics[row["metric"]]) for row in job.shown if row["metric"] in metrics]


def sample_rows(job: ImportJob) -> list[list[str]]:
    """Return the first rows of a file that waits for a word, column by column as they stand there."""
    if job.state != State.LOOKED_AT:
        return []
    start = ImportJob.objects.all().beginning_of(job.pk)
    try:
        return sample_of(start, Shape(tuple(job.header), job.delimiter))
    except (ValueError, AttributeError):  # a row of NDJSON that is none
        return []


def _row(row: dict[str, Any], metric: Metric) -> ShownRow:
    before = reading_words(metric, *row["before"]) if row["before"] else ""
    return ShownRow(
        line=row["line"],
        day=date.fromisoformat(row["day"]),
        as_of=datetime.fromisoformat(row["as_of"]),
        kind=kind_words(row["segment"], row["arm"]),
        metric=metric.name,
        says=reading_words(metric, row["n"], row["total"]),
        before=before if row["fate"] == "corrected" else "",
        fate="needs a reason" if row["replaces"] else FATES[row["fate"]],
        replaces=row["replaces"],
    )


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One file on its way in, or just stored, in a line."""

    job: ImportJob
    css: str
    icon: str
    text: str


def imports_told(pilot: Pilot, *, now: datetime) -> list[ImportLine]:
    """Return the files that a pilot's page tells of: on their way, given up, or large and just stored."""
    lately = Q(ended_at__gte=now - TOLD_FOR)
    told = Q(state=State.FAILED) | Q(lately, state=State.DONE, rows_total__gt=LARGE)
    jobs = ImportJob.objects.without_files().filter(told | Q(state__in=UNDER_WAY), pilot=pilot)
    return [line_of(job) for job in jobs.select_related("by").order_by("-started_at", "-pk")[:MOST_TOLD]]


def line_of(job: ImportJob) -> ImportLine:
    """Say how a file is in a line that follows its name."""
    look = {State.DONE: ("is-track", "track"), State.FAILED: ("is-escalate", "escalate")}
    css, icon = look.get(State(job.state), ("", "cross" if job.state == State.CANCELLED else "clock"))
    says = headline_of(job)
    match job.state:
        case State.DONE:
            return ImportLine(job, css, icon, f"stored, {says}")
        case State.FAILED:
            return ImportLine(job, css, icon, f"could not be stored whole, {says}")
        case State.CANCELLED:
            return ImportLine(job, css, icon, f"cancelled, {says[:1].lower()}{says[1:]}")
        case State.LOOKED_AT:
            return ImportLine(job, css, icon, "waits for a word whether to store it.")
    return ImportLine(job, css, icon, f"being stored, {says}")


def headline_of(job: ImportJob) -> str:
    """Say what became of a file so far: of a whole one its rows by what they were, else how many are in."""
    if job.state == State.DONE:
        return f"{fates_words(job.counts)}."
    if job.state == State.CANCELLED and not job.rows_done:
        return "Nothing of it is stored."
    return (
        f"{job.rows_done:,} of {counted(job.rows_total, 'row')} {'is' if job.rows_done == 1 else 'are'} in."
    )


State = ImportJob.State
UNDER_WAY = (State.WAITING, State.RUNNING)
