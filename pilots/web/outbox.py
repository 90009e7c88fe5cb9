"""What was told to whom, and why."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pilots.models import Notification, Pilot
from pilots.web.frame import SignedInRequest

MESSAGES_A_PAGE = 25


@require_safe
@login_required
def outbox(request: SignedInRequest) -> HttpResponse:
    """Messages about pilots this person sees, and those they were sent themselves."""
    pilots = Pilot.objects.visible_to(request.user)
    told = Notification.objects.filter(Q(alert__pilot__in=pilots) | Q(user=request.user))
    told = told.select_related("alert__pilot", "user").order_by("-created_at", "-pk")
    page = Paginator(told, MESSAGES_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "pilots/outbox.html", {"page": page})
