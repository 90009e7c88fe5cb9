"""The mail to a person whose file took long, or could not be stored."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from pilots.evaluation.wording import on
from pilots.models import ImportJob
from pilots.reports.import_words import fates_words
from pilots.services.addressing import person
from pilots.services.letters import FONT, Letter, one_line
from pilots.services.notifying import queue_notification

STORED_FACE = ("Stored", "✓", "#0c6666", "#70cccb")
FAILED_FACE = ("Not stored", "▲", "#954700", "#f3b271")


def tell_of_import(job: ImportJob, *, now: datetime) -> None:
    """Tell who sent a file what became of it, once."""
    recipient = person(job.by, "who sent the file")
    key = f"import:{job.pk}:{job.state}:{job.fence}"
    queue_notification(recipient=recipient, letter=import_letter(job, now=now), key=key, now=now)


def import_letter(job: ImportJob, *, now: datetime) -> Letter:
    failed = job.state == ImportJob.State.FAILED
    word, sign, on_light, on_dark = FAILED_FACE if failed else STORED_FACE
    context: dict[str, Any] = {
        "word": word,
        "sign": sign,
        "on_light": on_light,
        "on_dark": on_dark,
        "headline": f"{job.name} could not be stored whole" if failed else f"{job.name} is stored",
        "sentence": _failed_sentence(job) if failed else f"{fates_words(job.counts)}.",
        "request": "Open it and try again; what is in already is not stored twice." if failed else "",
        "url": settings.BASE_URL + reverse("readings-job", args=[job.pilot.ref, job.pk]),
        "about": f"{job.rows_done:,} of {job.rows_total:,} rows are in.",
    }
    written = now.astimezone(ZoneInfo(job.pilot.timezone))
    frame = {
        "product": settings.PRODUCT_NAME,
        "pilot": job.pilot,
        "font": FONT,
        "reader": str(job.by),
        "written": f"{on(written.date())} {written:%Y, %H:%M} {job.pilot.timezone}",
    }
    return Letter(
        subject=one_line(f"{word}: {context['headline']} ({job.pilot.ref})"),
        text=render_to_string("notifications/import.txt", context | frame),
        html=render_to_string("notifications/import.html", context | frame),
        facts={name: str(value) for name, value in context.items() if value} | {"pilot": job.pilot.ref},
    )


def _failed_sentence(job: ImportJob) -> str:
    return f"It stopped after {job.rows_done:,} of {job.rows_total:,} rows: {job.why.rstrip('.')}."
