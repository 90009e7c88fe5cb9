"""The queue of alerts, the most urgent first, and each alert on a page of its own."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from pilots.models import Alert
from pilots.reports.alert_pages import alert_page
from pilots.reports.alert_queue import overview_of, queue_of, view_of
from pilots.reports.alert_rows import alert_rows
from pilots.web.frame import SignedInRequest

ALERTS_A_PAGE = 25


@require_safe
@login_required
def alerts(request: SignedInRequest) -> HttpResponse:
    now, view = timezone.now(), view_of(request.GET)
    began = month_began(now)
    keys = queue_of(request.user, view, month_began=began, now=now)
    page = Paginator(keys, ALERTS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "place": "alerts",
        "view": view,
        "overview": overview_of(request.user, month_began=began),
        "page": page,
        "rows": alert_rows(list(page), now=now),
    }
    return render(request, "pilots/alerts.html", context)


def month_began(now: datetime) -> datetime:
    return timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


@require_safe
@login_required
def alert(request: SignedInRequest, pk: int) -> HttpResponse:
    shown = get_object_or_404(Alert.objects.visible_to(request.user), pk=pk)
    page = alert_page(shown.pk, now=timezone.now())
    return render(request, "pilots/alert.html", {"place": "alerts", "page": page, "alert": page.alert})
