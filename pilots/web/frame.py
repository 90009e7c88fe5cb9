"""What every page shows around its content."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from pilots.models import Alert, Pilot, Review, User
from pilots.reports.engine_words import engine_words
from pilots.reports.freshness import Freshness, engine_silent_since, freshness_for
from pilots.reports.words import numbered

APPEARANCES = {"system": "Follow the system", "light": "Light", "dark": "Dark"}
A_YEAR = 365 * 24 * 3600


class SignedInRequest(HttpRequest):
    user: User


@dataclass(frozen=True)
class Frame:
    """The counts beside the places and the freshness below; asked for only where a page shows them."""

    user: User
    now: datetime

    @cached_property
    def alerts(self) -> int:
        return Alert.objects.visible_to(self.user).unresolved().count()

    @cached_property
    def reviews(self) -> str:
        """Say what is most pressing of the reviews: late before today; else nothing."""
        today = timezone.localdate(self.now)
        pilots = Pilot.objects.visible_to(self.user)
        due = Review.objects.upcoming().filter(pilot__in=pilots, due_on__lte=today)
        days = list(due.values_list("due_on", flat=True))
        late = sum(day < today for day in days)
        return f"{late} late" if late else f"{len(days)} today" if days else ""

    @cached_property
    def freshness(self) -> Freshness:
        return freshness_for(self.user, now=self.now)

    @cached_property
    def silent_since(self) -> datetime | None:
        return engine_silent_since(now=self.now)

    @cached_property
    def engine(self) -> str:
        """Say to those who look after the engine how it does."""
        return engine_words(now=self.now) if self.user.is_staff else ""

    @property
    def late_words(self) -> str:
        return f"{numbered(self.freshness.late, 'pilot is', 'pilots are')} waiting to be checked"


def frame(request: HttpRequest) -> dict[str, object]:
    user = getattr(request, "user", None)
    shown: dict[str, object] = {
        "product_name": settings.PRODUCT_NAME,
        "appearance": appearance_of(request),
        "appearances": APPEARANCES,
        "here": request.path,
    }
    if user is not None and user.is_authenticated:
        shown["frame"] = Frame(user, timezone.now())
    return shown


def appearance_of(request: HttpRequest) -> str:
    chosen = request.COOKIES.get("theme", "")
    return chosen if chosen in APPEARANCES else "system"


@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Keep how a person likes to see the pages, and go back to the page they came from."""
    theme = request.POST.get("theme", "")
    response = HttpResponseRedirect(page_left(request))
    if theme in APPEARANCES:
        secure = settings.SERVED_OVER_HTTPS
        response.set_cookie("theme", theme, max_age=A_YEAR, samesite="Lax", httponly=True, secure=secure)
    return response


def page_left(request: HttpRequest) -> str:
    """Return the address of this site the form was sent from, or the first page."""
    left = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(left, allowed_hosts={request.get_host()}):
        return "/"
    parts = urlsplit(left)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
