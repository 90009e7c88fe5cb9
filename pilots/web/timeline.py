"""Everything that happened on a pilot, by kind, person and period."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from pilots.evaluation.days import end_of_day, start_of_day
from pilots.models import Pilot
from pilots.reports.pilot_pages import pilots_for_page
from pilots.reports.timeline import KINDS, Wanted, timeline_page
from pilots.reports.timeline_people import people_of_timeline
from pilots.web.forms.timeline import TimelineFilter
from pilots.web.frame import SignedInRequest


@require_safe
@login_required
def timeline(request: SignedInRequest, ref: str) -> HttpResponse:
    pilot = get_object_or_404(pilots_for_page(request.user), ref=ref)
    form = TimelineFilter(request.GET, people=people_of_timeline(pilot))
    form.is_valid()  # a mistake is said beside its field; the other fields still narrow
    with timezone.override(pilot.timezone):
        wanted = wanted_of(form, pilot, now=timezone.now())
        page = timeline_page(pilot, wanted, number_of(request))
        context = {"place": "pilots", "pilot": pilot, "page": page, "form": form}
        context |= {"kinds": KINDS.items(), "shown": wanted.kind}
        return render(request, "pilots/timeline.html", context)


def wanted_of(form: TimelineFilter, pilot: Pilot, *, now: datetime) -> Wanted:
    asked = form.cleaned_data
    since, to = asked.get("since"), asked.get("to")
    return Wanted(
        until=min(now, end_of_day(to, pilot.timezone)) if to else now,
        kind=asked.get("kind") or "all",
        person=asked.get("person") or "",
        since=start_of_day(since, pilot.timezone) if since else None,
    )


def number_of(request: SignedInRequest) -> int:
    asked = request.GET.get("page", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
