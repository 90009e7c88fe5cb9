"""The readings of one metric as a file: the numbers as CSV, the chart as SVG."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from pilots.evaluation.specs import OVERALL
from pilots.models import Metric, Observation, Pilot
from pilots.reports.metric_charts import main_chart
from pilots.reports.pilot_pages import pilots_for_page
from pilots.reports.results import answer_of
from pilots.web.frame import SignedInRequest

COLUMNS = ("observed_on", "as_of", "arm", "segment", "metric", "n", "sum", "sum_sq")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Echo:
    """A file that hands back what is written to it."""

    def write(self, line: str) -> str:
        return line


@require_safe
@login_required
def metric_csv(request: SignedInRequest, ref: str, metric: str) -> StreamingHttpResponse:
    """Send every current reading in the columns that are read back in."""
    shown = visible_metric(request, ref, metric)
    rows = Observation.objects.filter(metric=shown).order_by("day", "arm", "segment")
    lines = lines_of(shown, rows.iterator(chunk_size=2000))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{ref}-{metric}.csv"'
    return response


@require_safe
@login_required
def metric_svg(request: SignedInRequest, ref: str, metric: str) -> HttpResponse:
    """Send the chart of one metric and segment as a picture that stands by itself."""
    pilot = get_object_or_404(pilots_for_page(request.user), ref=ref)
    shown = get_object_or_404(pilot.metrics.all(), ref=metric)
    today = timezone.localdate()
    alerts = list(pilot.alerts.select_related("condition"))
    scope = request.GET.get("segment", OVERALL)
    drawn = main_chart(pilot, shown, scope, answer_of(pilot.state.evaluation), alerts, today=today)
    svg = render_to_string("pilots/control_chart.svg", {"drawn": drawn, "pilot": pilot})
    response = HttpResponse(svg, content_type="image/svg+xml")
    # Opened here it would lose its colours to our own policy; a saved file keeps them.
    response["Content-Disposition"] = f'attachment; filename="{ref}-{metric}.svg"'
    return response


def visible_metric(request: SignedInRequest, ref: str, metric: str) -> Metric:
    pilots = Pilot.objects.visible_to(request.user)
    return get_object_or_404(Metric, pilot__in=pilots, pilot__ref=ref, ref=metric)


def lines_of(metric: Metric, rows: Iterable[Observation]) -> Iterator[str]:
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
