"""What was told to whom, and why; what could not be sent is sent again from here."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pilots.models import Notification, Pilot
from pilots.reports.outbox import Filters, messages_for, shut_now
from pilots.web.frame import SignedInRequest

MESSAGES_A_PAGE = 25


@require_safe
@login_required
def outbox(request: SignedInRequest) -> HttpResponse:
    """Messages about pilots this person sees, and those they were sent themselves."""
    filters = Filters.of(request.GET)
    page = Paginator(messages_for(request.user, filters), MESSAGES_A_PAGE).get_page(request.GET.get("page"))
    dead = [message for message in page if message.state == Notification.State.DEAD]
    context = {
        "page": page,
        "filters": filters,
        "pilots": Pilot.objects.visible_to(request.user).order_by("title").values_list("ref", "title"),
        "states": Notification.State.choices,
        "channels": Notification.Channel.choices,
        "shut_channels": shut_now(),
        "dead": dead,
    }
    return render(request, "pilots/outbox.html", context)
