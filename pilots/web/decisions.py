"""Decisions: the list, and the one-pager."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from pilots.models import Decision
from pilots.permissions import can_edit_decision
from pilots.reports.decision_pages import decision_page, decisions_for_page
from pilots.web.frame import SignedInRequest

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
    shown = get_object_or_404(decisions_for_page(request.user), ref=ref)
    context = {
        "place": "decisions",
        "page": decision_page(shown, now=timezone.localtime()),
        "decision": shown,
        "may_edit": can_edit_decision(request.user, shown),
        "move": MOVES.get(Decision.Status(shown.status)),
    }
    return render(request, "pilots/decision.html", context)
