"""The files of readings that a pilot's page tells of."""

from __future__ import annotations

from django import template
from django.utils import timezone

from pilots.models import Pilot
from pilots.reports.uploads import imports_told

register = template.Library()


@register.inclusion_tag("pilots/_imports.html")
def imports_of(pilot: Pilot) -> dict[str, object]:
    """Tell of files that are on their way in, were given up, or were stored today; one query."""
    return {"pilot": pilot, "lines": imports_told(pilot, now=timezone.now())}
