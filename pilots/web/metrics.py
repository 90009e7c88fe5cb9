"""The readings of one metric as a file: the numbers as CSV, the chart as SVG."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from pilots.evaluation.days import end_of_day
from pilots.evaluation.specs import OVERALL
from pilots.models import Metric, Observation, Pilot, ReadingRevision
from pilots.reports.as_of import NotThen, chart_on, day_asked
from pilots.reports.pilot_pages import Asked, chart_of, pilots_for_page
from pilots.reports.series import readings_then
from pilots.web.frame import SignedInRequest
from pilots.web.past import DAY

COLUMNS = ("observed_on", "as_of", "arm", "segment", "metric", "n", "sum", "sum_sq")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Echo:
    """A file that hands back what is written to it."""

    def write(self, line: str) -> str:
        return line


@require_safe
@login_required
def metric_csv(request: SignedInRequest, ref: str, metric: str) -> StreamingHttpResponse:
    """Send every current reading in the columns that are read back in, or those of a past day."""
    shown = visible_metric(request, ref, metric)
    day = day_of(request, shown.pilot)
    then = end_of_day(day, shown.pilot.timezone) if day else None
    rows = readings_then(then).filter(metric=shown).order_by("day", "arm", "segment")
    lines = lines_of(shown, rows.iterator(chunk_size=2000))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{named(ref, metric, day)}.csv"'
    return response


@require_safe
@login_required
def metric_svg(request: SignedInRequest, ref: str, metric: str) -> HttpResponse:
    """Send the chart of one metric and segment as a picture that stands by itself."""
    pilot = get_object_or_404(pilots_for_page(request.user), ref=ref)
    asked = Asked(metric=metric, segment=request.GET.get("segment", OVERALL))
    day = day_of(request, pilot)
    drawn = chart_on(pilot, asked, day) if day else chart_of(pilot, asked, now=timezone.now())
    if drawn is None:
        raise Http404
    svg = render_to_string("pilots/control_chart.svg", {"drawn": drawn, "pilot": pilot})
    response = HttpResponse(svg, content_type="image/svg+xml")
    # Opened here it would lose its colours to our own policy; a saved file keeps them.
    response["Content-Disposition"] = f'attachment; filename="{named(ref, metric, day)}.svg"'
    return response


def day_of(request: SignedInRequest, pilot: Pilot) -> date | None:
    """Return the past day the address asks for; a day that can't be shown has no file."""
    try:
        return day_asked(request.GET.get(DAY, ""), timezone=pilot.timezone, now=timezone.now())
    except NotThen as reason:
        raise Http404(str(reason)) from reason


def named(ref: str, metric: str, day: date | None) -> str:
    return f"{ref}-{metric}-{day}" if day else f"{ref}-{metric}"


def visible_metric(request: SignedInRequest, ref: str, metric: str) -> Metric:
    pilots = Pilot.objects.visible_to(request.user)
    metrics = Metric.objects.select_related("pilot")
    return get_object_or_404(metrics, pilot__in=pilots, pilot__ref=ref, ref=metric)


def lines_of(metric: Metric, rows: Iterable[Observation | ReadingRevision]) -> Iterator[str]:
    writer = csv.writer(Echo())
    yield writer.writerow(COLUMNS)
    for row in rows:
        cells = (
            row.day,
            row.as_of.isoformat(),
            row.arm,
            row.segment,
            metric.ref,
            row.n,
            row.total,
            row.total_sq,
        )
        yield writer.writerow([harmless(cell) for cell in cells])


def harmless(cell: object) -> object:
    """Keep a spreadsheet from running a text as a formula; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
