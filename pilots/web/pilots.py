"""One pilot: what is true, what to do next, how we know."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from pilots.models import Pilot
from pilots.web.frame import SignedInRequest


@require_safe
@login_required
def pilot(request: SignedInRequest, ref: str) -> HttpResponse:
    shown = get_object_or_404(Pilot.objects.visible_to(request.user), ref=ref)
    return render(request, "pilots/pilot.html", {"place": "pilots", "pilot": shown})


@require_safe
@login_required
def metric_csv(request: SignedInRequest, ref: str, metric: str) -> HttpResponse:
    get_object_or_404(Pilot.objects.visible_to(request.user), ref=ref)
    return HttpResponse("")


@require_safe
@login_required
def metric_svg(request: SignedInRequest, ref: str, metric: str) -> HttpResponse:
    get_object_or_404(Pilot.objects.visible_to(request.user), ref=ref)
    return HttpResponse("")
