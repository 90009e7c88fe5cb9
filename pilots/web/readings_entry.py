"""Record one reading by hand, and see what is known of a pilot's readings and how it came to be."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from pilots.evaluation.days import local_day
from pilots.importing.errors import BadInput
from pilots.importing.reading_context import Refused
from pilots.importing.reading_rows import Row, RowReader
from pilots.importing.timestamps import day_of
from pilots.models import Observation, Pilot
from pilots.permissions import can_record_readings
from pilots.reports.import_words import fates_words
from pilots.reports.reading_chains import chains_of, metric_days
from pilots.reports.uploads import line_of
from pilots.services.importing_readings import context_of
from pilots.services.recording import Counts, record_readings
from pilots.web.editing import allow, editor, sent, show, visible_pilot
from pilots.web.forms.readings import TYPED_IN, ReadingForm, as_typed
from pilots.web.frame import SignedInRequest

BY_HAND = "entered by hand"
RECENT = 10


@require_safe
@login_required
def overview(request: SignedInRequest, ref: str) -> HttpResponse:
    """Show how far the readings of each metric go, and the files they came in."""
    pilot = visible_pilot(request.user, ref)
    if (asked := request.GET.get("day")) and (metric := request.GET.get("metric")):
        return redirect("readings-day", ref=ref, metric=metric, day=asked)
    jobs = pilot.import_jobs.without_files().select_related("by")[:RECENT]
    context = {
        "pilot": pilot,
        "may_record": can_record_readings(request.user, pilot),
        "known": metric_days(pilot),
        "lines": [line_of(job) for job in jobs],
        "tab": "known",
    }
    with timezone.override(pilot.timezone):
        return show(request, "pilots/readings.html", context)


@require_safe
@login_required
def day(request: SignedInRequest, ref: str, metric: str, day: str) -> HttpResponse:
    """Show every value that a day's readings of a metric ever had."""
    pilot = visible_pilot(request.user, ref)
    measured = get_object_or_404(pilot.metrics.select_related("owner"), ref=metric)
    context = {
        "pilot": pilot,
        "metric": measured,
        "day": (asked := _day(day)),
        "chains": chains_of(measured, asked),
        "may_record": can_record_readings(request.user, pilot),
        "tab": "known",
    }
    with timezone.override(pilot.timezone):
        return show(request, "pilots/readings_day.html", context)


def _day(text: str) -> date:
    try:
        return day_of(text)
    except ValueError:
        raise Http404 from None


@editor
def one(request: SignedInRequest, ref: str) -> HttpResponse:
    """Record or correct one reading."""
    pilot = visible_pilot(request.user, ref)
    allow(can_record_readings, request.user, pilot)
    current = _current(request, pilot)
    today = local_day(timezone.now(), pilot.timezone)
    start = as_typed(current, today=today) if current else {"metric": request.GET.get("metric", "")}
    form = ReadingForm(pilot, sent(request), initial=start, corrects=current is not None)
    if form.is_valid() and (counts := _record(request, pilot, form)) is not None:
        messages.success(request, f"Readings: {fates_words(asdict(counts))}.")
        given = form.cleaned_data
        return redirect("readings-day", ref=ref, metric=given["metric"], day=given["day"].isoformat())
    context = {"pilot": pilot, "form": form, "corrects": current, "tab": "one"}
    return show(request, "pilots/edit_reading.html", context)


def _current(request: SignedInRequest, pilot: Pilot) -> Observation | None:
    """Return the reading that the address names, where it is to be corrected."""
    asked = request.GET
    if not {"metric", "day", "arm"} <= set(asked):
        return None
    rows = Observation.objects.filter(metric__pilot=pilot).select_related("metric")
    key = {"metric__ref": asked["metric"], "day": _day(asked["day"]), "arm": asked["arm"]}
    return rows.filter(**key, segment=asked.get("segment", "all")).first()


def _record(request: SignedInRequest, pilot: Pilot, form: ReadingForm) -> Counts | None:
    """Record what was typed; what is wrong with it is said at its field."""
    now = timezone.now()
    try:
        row = RowReader(context_of(pilot, now=now)).read(form.record)
        assert isinstance(row, Row)  # noqa: S101
        counts = record_readings(
            pilot_id=pilot.pk,
            rows=[row.reading],
            by=request.user,
            source=BY_HAND,
            now=now,
            correction_reason=form.cleaned_data["correction_reason"].strip(),
        )
    except Refused as refused:
        name = TYPED_IN.get(refused.field, refused.field)
        form.add_error(
            name if name in form.fields else None, f"{refused.reason[:1].upper()}{refused.reason[1:]}."
        )
        return None
    except BadInput:
        form.add_error(
            "correction_reason", "Other numbers are known for this day. Say why they are corrected."
        )
        return None
    return counts
