"""The queue of alerts, the most urgent first, and each alert on a page of its own."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from pilots.models import Pilot, User
from pilots.permissions import pilots_answered_by
from pilots.reports.alert_holds import answerable
from pilots.reports.alert_queue import Asked, overview_of, queue_of
from pilots.reports.alert_rows import alert_rows
from pilots.services.settling import raise_by_hand
from pilots.web.alert_answering import alert_shown, visible_alert
from pilots.web.editing import attempt, editor, mend_in_pilot, sent, show
from pilots.web.forms.alerts import RaiseForm
from pilots.web.frame import SignedInRequest

ALERTS_A_PAGE = 25


@require_safe
@login_required
def alerts(request: SignedInRequest) -> HttpResponse:
    now, asked = timezone.now(), Asked.of(request.GET)
    began = month_began(now)
    keys = queue_of(request.user, asked, month_began=began, now=now)
    page = Paginator(keys, ALERTS_A_PAGE).get_page(request.GET.get("page"))
    rows = alert_rows(list(page), now=now)
    may_act = answerable(request.user, [row.alert for row in rows])
    context = {
        "place": "alerts",
        "view": asked.view,
        "pilot": Pilot.objects.visible_to(request.user).filter(ref=asked.pilot).first(),
        "overview": overview_of(request.user, asked, month_began=began),
        "page": page,
        "rows": rows,
        "may_act": may_act,
        # one main button a page: on the first that nobody has
        "main": next((row.alert.pk for row in rows if row.is_free and row.alert.pk in may_act), None),
        "may_raise": pilots_to_raise_for(request.user).exists(),
    }
    return render(request, "pilots/alerts.html", context)


def month_began(now: datetime) -> datetime:
    return timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


@require_safe
@login_required
def alert(request: SignedInRequest, pk: int) -> HttpResponse:
    return alert_shown(request, visible_alert(request.user, pk))


def pilots_to_raise_for(user: User) -> QuerySet[Pilot]:
    return pilots_answered_by(user).exclude(status__in=Pilot.ENDED)


@editor
def raise_one(request: SignedInRequest) -> HttpResponse:
    """Raise an alert about something that no rule watches."""
    offered = pilots_to_raise_for(request.user).order_by("title")
    form = RaiseForm(sent(request), pilots=offered, initial={"pilot": request.GET.get("pilot")})
    if form.is_valid():
        now, given = timezone.now(), form.answers
        mend = mend_in_pilot(form.cleaned_data["pilot"])
        raised = attempt(form, lambda: raise_by_hand(by=request.user, now=now, **given), mend=mend)
        if raised is not None:
            messages.success(request, f"Raised as {raised.ref}. Whoever it concerns is told now.")
            return redirect("alert", pk=raised.pk)
    return show(request, "pilots/alert_raise.html", {"place": "alerts", "form": form})
