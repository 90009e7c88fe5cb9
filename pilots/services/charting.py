"""Draw the chart of a mail, kept with it as SVG so that it shows what was true then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.template.loader import render_to_string
from django.utils import translation

from pilots.evaluation.specs import ConditionSpec, PilotSpec, Reading
from pilots.reports.mail_charts import has_line, mail_chart


def drawn(pilot: PilotSpec, condition: str) -> ConditionSpec | None:
    """Return the condition of that short name if a chart can show it."""
    return next((c for c in pilot.conditions if c.ref == condition and has_line(c)), None)


def chart_of(
    pilot: PilotSpec, condition: str, scope: str, readings: Sequence[Reading], *, now: datetime
) -> str:
    """Return the chart of one condition as SVG, or nothing where there is none to draw."""
    spec = drawn(pilot, condition)
    chart = mail_chart(pilot, spec, scope, readings, now=now) if spec else None
    if chart is None:
        return ""
    with translation.override(None):  # a decimal comma would break the drawing
        return render_to_string("notifications/chart.svg", {"chart": chart})
