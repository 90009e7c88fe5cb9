"""The portfolio: every pilot a person has a part in, the most urgent first."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pilots.models import Pilot
from pilots.web.frame import SignedInRequest


@require_safe
@login_required
def portfolio(request: SignedInRequest) -> HttpResponse:
    pilots = Pilot.objects.visible_to(request.user)
    return render(request, "pilots/portfolio.html", {"place": "pilots", "pilots": pilots})
