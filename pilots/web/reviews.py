"""Reviews: what is due, and what was concluded."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pilots.models import Pilot, Review
from pilots.web.frame import SignedInRequest

PAST_SHOWN = 20


@require_safe
@login_required
def reviews(request: SignedInRequest) -> HttpResponse:
    pilots = Pilot.objects.visible_to(request.user)
    seen = Review.objects.filter(pilot__in=pilots).select_related("pilot", "reviewer")
    upcoming = seen.upcoming()
    context = {
        "place": "reviews",
        "upcoming": upcoming,
        "past": seen.exclude(pk__in=upcoming.values("pk")).order_by("-due_on")[:PAST_SHOWN],
    }
    return render(request, "pilots/reviews.html", context)
