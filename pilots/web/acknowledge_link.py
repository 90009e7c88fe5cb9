"""The page behind the link in a mail: it asks once, and answers for whoever the mail was written to."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from pilots.models import Alert, User
from pilots.permissions import NotAllowed
from pilots.reports.alert_words import headline_of, resolution_words
from pilots.services.acknowledging import acknowledge
from pilots.services.errors import Refused
from pilots.services.links import BadLink, read_link

GONE = 410
TAKEN_BACK = "This link no longer works. Sign in instead."


def unlisted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Keep a page out of caches and of what searches the web."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return never_cache(page)


@unlisted
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Ask by GET, which programs that read mail may follow; acknowledge by POST, which a person sends."""
    try:
        alert_id, user_id = read_link(token)
    except BadLink as bad:
        return _gone(request, str(bad))
    person = User.objects.filter(pk=user_id, is_active=True).first()
    if person is None or not Alert.objects.filter(pk=alert_id).exists():
        return _gone(request, TAKEN_BACK)
    refused = _acknowledge(alert_id, person) if request.method == "POST" else ""
    related = ("pilot", "condition", "owner", "snoozed_by")
    alert = Alert.objects.select_related(*related).get(pk=alert_id)
    context = {
        "alert": alert,
        "person": person,
        "heading": headline_of(alert),
        "resolution": resolution_words(alert),
        "refused": refused,
        "theirs": alert.status == Alert.Status.ACKNOWLEDGED and alert.owner_id == person.pk,
        "asks": alert.status in (Alert.Status.OPEN, Alert.Status.SNOOZED) and not refused,
    }
    return render(request, "pilots/acknowledge.html", context)


def _acknowledge(alert_id: int, person: User) -> str:
    """Acknowledge as this person. Return why not, or nothing."""
    try:
        acknowledge(alert_id=alert_id, by=person, now=timezone.now())
    except (Refused, NotAllowed) as refusal:
        return str(refusal)
    return ""


def _gone(request: HttpRequest, why: str) -> HttpResponse:
    return render(request, "pilots/acknowledge.html", {"why": why}, status=GONE)
