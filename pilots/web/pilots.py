"""One pilot: what is true, what to do next, how we know."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from pilots.models import Pilot, User
from pilots.permissions import (
    can_acknowledge,
    can_answer_driver,
    can_edit_pilot,
    can_move_pilot,
    can_override,
    can_record_readings,
)
from pilots.reports.as_of import NotThen, day_asked, pilot_page_on
from pilots.reports.next_steps import Step
from pilots.reports.page_day import standing_on
from pilots.reports.pilot_pages import Asked, PilotPage, pilot_page, pilots_for_page
from pilots.reports.timeline import KINDS
from pilots.web.frame import SignedInRequest
from pilots.web.past import DAY, not_then, picker_for
from pilots.web.pilot_moving import MOVES
from pilots.web.steps import linked, place_in_pilot

FOR_EVERYBODY = ("alert", "reviews-list", "drivers")


@dataclass(frozen=True, slots=True)
class LinkedStep:
    """A thing to do, with the page where this person can do it; without one, somebody else does."""

    text: str
    who: str
    link: str
    url: str


@require_safe
@login_required
def pilot(request: SignedInRequest, ref: str) -> HttpResponse:
    """Show the pilot as it is, or with `?as_of=` as it stood at the end of a past day."""
    now = timezone.now()
    if request.GET.get(DAY):
        return past_pilot(request, get_object_or_404(Pilot.objects.visible_to(request.user), ref=ref), now)
    shown = get_object_or_404(pilots_for_page(request.user), ref=ref)
    with timezone.override(shown.timezone):
        page = pilot_page(shown, asked_of(request), now=now)
        context = {"place": "pilots", "picker": picker_for(shown, timezone=shown.timezone, now=now)}
        return render(request, "pilots/pilot.html", context | context_of(page, request.user))


def past_pilot(request: SignedInRequest, shown: Pilot, now: datetime) -> HttpResponse:
    picker = picker_for(shown, timezone=shown.timezone, now=now)
    with timezone.override(shown.timezone):
        try:
            day = day_asked(request.GET[DAY], timezone=shown.timezone, now=now)
            if day is None:
                return redirect("pilot", shown.ref)
            page = pilot_page_on(shown, asked_of(request), day)
        except NotThen as reason:
            return not_then(request, shown, reason, picker, place="pilots")
        picker = picker_for(shown, timezone=shown.timezone, now=now, day=day)
        with standing_on(day):
            context = {"place": "pilots", "picker": picker, **past_context_of(page)}
            return render(request, "pilots/pilot.html", context)


def asked_of(request: SignedInRequest) -> Asked:
    show = request.GET.get("show", "")
    return Asked(
        metric=request.GET.get("metric", ""),
        segment=request.GET.get("segment", ""),
        show=show if show in KINDS else "all",
    )


def context_of(page: PilotPage, user: User) -> dict[str, object]:
    shown = page.pilot
    may_edit, may_record = can_edit_pilot(user, shown), can_record_readings(user, shown)
    may_move = can_move_pilot(user, shown)
    steps = [linked_step(step, shown, may_edit=may_edit, may_record=may_record) for step in page.steps]
    return {
        "page": page,
        "pilot": shown,
        "may_edit": may_edit,
        "may_record": may_record and not shown.has_ended,
        "may_answer": can_answer_driver(user, shown),
        "may_raise": can_acknowledge(user, shown) and not (page.is_setting_up or shown.has_ended),
        "steps": steps,
        "main": next((step for step in steps if step.url), None),
        "moves": moves_for(shown, may_move=may_move, may_override=can_override(user, shown)),
        "gates": [linked(check, shown) for check in page.gates],
        "checks": [linked(check, shown) for check in page.checks],
        "checks_done": sum(check.ok for check in page.checks),
    }


def past_context_of(page: PilotPage) -> dict[str, object]:
    """Return what a past page shows: the same, without anything to do now."""
    return {
        "page": page,
        "pilot": page.pilot,
        "steps": [LinkedStep(step.text, step.who, "", "") for step in page.steps],
        "gates": page.gates,
        "checks": [replace(linked(check, page.pilot), url="") for check in page.checks],
        "checks_done": sum(check.ok for check in page.checks),
    }


def linked_step(step: Step, pilot: Pilot, *, may_edit: bool, may_record: bool) -> LinkedStep:
    may = step.where.partition(":")[0] in FOR_EVERYBODY or may_edit or (step.where == "data" and may_record)
    return LinkedStep(step.text, step.who, step.link, where_to(step.where, pilot) if may else "")


def where_to(where: str, pilot: Pilot) -> str:
    """Return the address of a place that a step names."""
    kind, _, name = where.partition(":")
    match kind:
        case "":
            return ""
        case "move":
            return reverse("pilot-move", args=[pilot.ref, name])
        case "data":
            return reverse("readings-new", args=[pilot.ref])
        case "reviews-list":
            return reverse("reviews")
        case "alert":
            return reverse("alert", args=[name])
        case "drivers":
            return f"{reverse('pilot', args=[pilot.ref])}#drivers"
    return place_in_pilot(pilot, where)


def moves_for(pilot: Pilot, *, may_move: bool, may_override: bool) -> list[tuple[str, str, str]]:
    """Return the moves this person may make now: name, title and what it does."""
    return [
        (name, move.title, move.says)
        for name, move in MOVES.items()
        if pilot.status in move.of and (may_move or (may_override and "override" in move.asks))
    ]
