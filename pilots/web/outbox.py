"""What was told to whom, and why; what could not be sent is sent again from here."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from pilots.models import Notification, Pilot
from pilots.permissions import can_resend
from pilots.reports.outbox import Filters, messages_for, shut_now
from pilots.services.errors import Refused
from pilots.services.resending import resend
from pilots.web.editing import editor
from pilots.web.frame import SignedInRequest, page_left

MESSAGES_A_PAGE = 25


@editor
def send_again(request: SignedInRequest, pk: int) -> HttpResponse:
    """Try a message anew that could not be sent."""
    if request.method != "POST":
        return redirect("outbox")
    message = get_object_or_404(messages_for(request.user, Filters()), pk=pk)
    try:
        resend(notification_id=message.pk, by=request.user, now=timezone.now())
    except Refused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, f"It is sent to {message.user or message.recipient} again.")
    return redirect(page_left(request))


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
        "may_resend": {message.pk for message in dead if can_resend(request.user, message)},
    }
    return render(request, "pilots/outbox.html", context)
