"""Alerts, the most urgent first."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db.models import Case, Value, When
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
    stops_first = Case(When(kind=Alert.Kind.STOP_CONDITION, then=Value(0)), default=Value(1))
    context = {
        "place": "alerts",
        "open": seen.unresolved().order_by("severity", stops_first, "opened_at", "pk"),
        "resolved": seen.filter(status=Alert.Status.RESOLVED).order_by("-resolved_at")[:RESOLVED_SHOWN],
    }
    return render(request, "pilots/alerts.html", context)
