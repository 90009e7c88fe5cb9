"""Record readings by hand: paste rows or send a file."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from pilots.importing.errors import BadInput, Problem
from pilots.models import Pilot
from pilots.permissions import can_record_readings
from pilots.reports.words import counted
from pilots.services.errors import Refused
from pilots.services.importing_readings import import_readings
from pilots.services.recording import Counts
from pilots.web.editing import allow, editor, sent, show, visible_pilot
from pilots.web.forms.readings import ReadingsForm
from pilots.web.frame import SignedInRequest

LISTED = 200  # refused rows shown; the rest are counted


@editor
def new(request: SignedInRequest, ref: str) -> HttpResponse:
    pilot = visible_pilot(request.user, ref)
    allow(can_record_readings, request.user, pilot)
    form = ReadingsForm(sent(request), request.FILES or None)
    problems: tuple[Problem, ...] = ()
    if form.is_valid():
        try:
            counts = _store(request, pilot, form)
        except BadInput as bad:
            problems = bad.problems
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, counts_words(counts))
            if not counts.problems:
                return redirect("pilot", ref=ref)
            problems = counts.problems
    context = {
        "pilot": pilot,
        "form": form,
        "problems": problems[:LISTED],
        "more": max(0, len(problems) - LISTED),
        "metrics": pilot.metrics.select_related("owner"),
    }
    return show(request, "pilots/edit_readings.html", context)


@transaction.atomic
def _store(request: SignedInRequest, pilot: Pilot, form: ReadingsForm) -> Counts:
    stream, name = form.source
    return import_readings(
        pilot_id=pilot.pk,
        stream=stream,
        file=name,
        by=request.user,
        now=timezone.now(),
        correction_reason=form.cleaned_data["correction_reason"],
        partial=form.cleaned_data["partial"],
    )


def counts_words(counts: Counts) -> str:
    """Say what became of the rows: "12 new, 3 corrected; 2 refused"."""
    kinds = {
        "new": counts.new,
        "corrected": counts.corrected,
        "older than what is known": counts.older,
        "already known": counts.same,
    }
    kept = [f"{number:,} {word}" for word, number in kinds.items() if number]
    refused = f" {counted(counts.refused, 'row')} refused, see below." if counts.refused else ""
    return f"Readings: {', '.join(kept) or 'nothing new'}.{refused}"
