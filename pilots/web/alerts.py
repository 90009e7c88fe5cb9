"""Alerts, the most urgent first."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pilots.models import Alert
from pilots.web.frame import SignedInRequest

RESOLVED_SHOWN = 20


@require_safe
@login_required
def alerts(request: SignedInRequest) -> HttpResponse:
    seen = Alert.objects.visible_to(request.user).select_related("pilot", "condition", "owner")
    context = {
        "place": "alerts",
        "open": seen.unresolved(),
        "resolved": seen.filter(status=Alert.Status.RESOLVED).order_by("-resolved_at")[:RESOLVED_SHOWN],
    }
    return render(request, "pilots/alerts.html", context)
