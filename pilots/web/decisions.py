"""Decisions: the list, and the one-pager."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from pilots.models import Decision
from pilots.permissions import can_edit_decision
from pilots.reports.as_of import NotThen, day_asked, decision_page_on
from pilots.reports.decision_pages import decision_page, decisions_for_page
from pilots.reports.page_day import standing_on
from pilots.web.frame import SignedInRequest
from pilots.web.past import DAY, not_then, picker_for

DECISIONS_A_PAGE = 50
MOVES = {
    Decision.Status.DRAFT: ("propose", "Propose it"),
    Decision.Status.PROPOSED: ("decide", "Decide"),
}


@require_safe
@login_required
def decisions(request: SignedInRequest) -> HttpResponse:
    seen = Decision.objects.visible_to(request.user).select_related("owner", "framework")
    seen = seen.prefetch_related("pilots__state", "options").order_by("-pk")
    page = Paginator(seen, DECISIONS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "pilots/decisions.html", {"place": "decisions", "page": page})


@require_safe
@login_required
def decision(request: SignedInRequest, ref: str) -> HttpResponse:
    """Show the one-pager as it is, or with `?as_of=` as it stood at the end of a past day."""
    if request.GET.get(DAY):
        return past_decision(request, get_object_or_404(Decision.objects.visible_to(request.user), ref=ref))
    shown = get_object_or_404(decisions_for_page(request.user), ref=ref)
    now = timezone.localtime()
    context = {
        "place": "decisions",
        "page": decision_page(shown, now=now),
        "picker": picker_for(shown, timezone=timezone.get_current_timezone_name(), now=now),
        "decision": shown,
        "may_edit": can_edit_decision(request.user, shown),
        "move": MOVES.get(Decision.Status(shown.status)),
    }
    return render(request, "pilots/decision.html", context)


def past_decision(request: SignedInRequest, shown: Decision) -> HttpResponse:
    zone, now = timezone.get_current_timezone_name(), timezone.now()
    try:
        day = day_asked(request.GET[DAY], timezone=zone, now=now)
        if day is None:
            return redirect("decision", shown.ref)
        page = decision_page_on(shown, day, timezone=zone)
    except NotThen as reason:
        picker = picker_for(shown, timezone=zone, now=now)
        return not_then(request, shown, reason, picker, place="decisions")
    picker = picker_for(shown, timezone=zone, now=now, day=day)
    context = {"place": "decisions", "page": page, "decision": page.decision, "picker": picker}
    with standing_on(day):
        return render(request, "pilots/decision.html", context)
