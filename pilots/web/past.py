"""Pages as they stood on a past day: the day in the address, the picker, and what can't be shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from pilots.evaluation.days import local_day
from pilots.models import Tracked
from pilots.reports.as_of import NotThen, first_day_of

DAY = "as_of"


@dataclass(frozen=True, slots=True)
class Picker:
    """The days a page can be shown for, and the one it shows."""

    shown: date
    first: date | None
    last: date


def picker_for(row: Tracked, *, timezone: str, now: datetime, day: date | None = None) -> Picker:
    today = local_day(now, timezone)
    return Picker(day or today, first_day_of(row, timezone), today)


def not_then(
    request: HttpRequest, row: Tracked, reason: NotThen, picker: Picker, *, place: str
) -> HttpResponse:
    """Say why nothing can be shown for a day, with the first day that can and the way back."""
    picker = replace(picker, shown=picker.first or picker.last)
    context = {"place": place, "row": row, "reason": str(reason), "picker": picker}
    return render(request, "pilots/not_then.html", context)
