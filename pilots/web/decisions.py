"""Decisions: the list, and the one-pager."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from pilots.models import Decision
from pilots.web.frame import SignedInRequest


@require_safe
@login_required
def decisions(request: SignedInRequest) -> HttpResponse:
    seen = Decision.objects.visible_to(request.user).select_related("owner", "framework")
    return render(request, "pilots/decisions.html", {"place": "decisions", "decisions": seen})


@require_safe
@login_required
def decision(request: SignedInRequest, ref: str) -> HttpResponse:
    shown = get_object_or_404(Decision.objects.visible_to(request.user), ref=ref)
    return render(request, "pilots/decision.html", {"place": "decisions", "decision": shown})
