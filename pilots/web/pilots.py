"""One pilot: what is true, what to do next, how we know."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
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
from pilots.reports.next_steps import Step
from pilots.reports.pilot_pages import Asked, PilotPage, pilot_page, pilots_for_page
from pilots.reports.timeline import KINDS
from pilots.web.frame import SignedInRequest
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
    shown = get_object_or_404(pilots_for_page(request.user), ref=ref)
    with timezone.override(shown.timezone):
        page = pilot_page(shown, asked_of(request), now=timezone.now())
        return render(request, "pilots/pilot.html", {"place": "pilots", **context_of(page, request.user)})


def asked_of(request: SignedInRequest) -> Asked:
    show = request.GET.get("show", "")
    return Asked(
        metric=request.GET.get("metric", ""),
        segment=request.GET.get("segment", ""),
        show=show if show in KINDS else "all",
        all="all" in request.GET,
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
