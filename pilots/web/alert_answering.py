"""Answer an alert: each answer is one form on the alert's page, refused in words beside it."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from pilots.models import Alert, Pilot, User
from pilots.reports.alert_holds import who_answers
from pilots.reports.alert_pages import alert_page
from pilots.reports.alert_words import cap_words
from pilots.reports.words import listed
from pilots.web.alert_answers import ANSWERS, UNRESOLVED, Answer, may_decide
from pilots.web.editing import attempt, editor, mend_in_pilot, owners_of, sent, show
from pilots.web.forms.alerts import AnswerForm
from pilots.web.frame import SignedInRequest, page_left


@dataclass(frozen=True, slots=True)
class Offer:
    """An answer this person may give now, with its form."""

    name: str
    answer: Answer
    form: AnswerForm
    says: str
    is_main: bool

    @property
    def is_plain(self) -> bool:
        """Say whether one button is all there is to it."""
        return not self.form.fields

    @property
    def is_open(self) -> bool:
        """Say whether the form is shown unfolded: what was refused is."""
        return self.form.is_bound


@editor
def act(request: SignedInRequest, pk: int, act: str) -> HttpResponse:
    """Give one answer; where it is refused the alert's page says why and keeps what was typed."""
    alert = visible_alert(request.user, pk)
    if act not in ANSWERS:
        raise Http404
    if request.method != "POST":
        return redirect("alert", pk=pk)
    answer = ANSWERS[act]
    form = answer.form(sent(request), alert=alert)
    back = page_left(request) if "next" in request.POST else reverse("alert", args=[pk])
    if form.is_valid() and _done(request, alert, answer, form):
        messages.success(request, f"{alert.ref}: {answer.done}")
        return redirect(back)
    if not form.fields:  # nothing was typed that would have to be kept
        for refusal in form.refusals:
            messages.warning(request, refusal.text)
        return redirect(back)
    return alert_shown(request, alert, typed={act: form})


def _done(request: SignedInRequest, alert: Alert, answer: Answer, form: AnswerForm) -> bool:
    def give() -> Alert:
        return answer.act(alert_id=alert.pk, by=request.user, now=timezone.now(), **form.answers)

    return attempt(form, give, mend=mend_in_pilot(alert.pilot)) is not None


def visible_alert(user: User, pk: int) -> Alert:
    seen = Alert.objects.visible_to(user).select_related("pilot__decision", "owner", "condition")
    return get_object_or_404(seen, pk=pk)


def alert_shown(
    request: SignedInRequest, alert: Alert, *, typed: dict[str, AnswerForm] | None = None
) -> HttpResponse:
    """Show one alert whole, with every answer this person may give."""
    page = alert_page(alert.pk, now=timezone.now())
    context = {
        "place": "alerts",
        "page": page,
        "alert": page.alert,
        "offers": offers_for(request.user, page.alert, typed or {}),
        "moves": moves_of(request.user, page.alert),
        "who_may": who_may_words(page.alert),
        "who_decides": who_decides_words(request.user, page.alert),
        "closes_itself": page.row.closes_itself,
    }
    return show(request, "pilots/alert.html", context)


def who_may_words(alert: Alert) -> str:
    names = who_answers(alert)
    return f"{listed(names)} can answer it." if names else "Nobody is named who could answer it."


def who_decides_words(user: User, alert: Alert) -> str:
    """Say who decides on a stop, to those who don't."""
    if alert.kind != Alert.Kind.STOP_CONDITION or may_decide(user, alert):
        return ""
    return f"{listed(owners_of(alert.pilot)) or 'Nobody yet'} can decide whether the pilot goes on."


def offers_for(user: User, alert: Alert, typed: dict[str, AnswerForm]) -> list[Offer]:
    """Return the answers this person may give now; the first is the one that is asked for."""
    fitting = [
        (name, answer)
        for name, answer in ANSWERS.items()
        if name in typed or (alert.status in answer.of and answer.fits(user, alert))
    ]
    return [
        Offer(
            name=name,
            answer=answer,
            form=typed.get(name) or answer.form(alert=alert),
            says=f"{answer.says} {cap_words(alert)} {zone_words()}" if name == "snooze" else answer.says,
            is_main=place == 0,
        )
        for place, (name, answer) in enumerate(fitting)
    ]


def zone_words() -> str:
    return f"Times are {timezone.get_current_timezone_name()}."


def moves_of(user: User, alert: Alert) -> list[tuple[str, str]]:
    """Return the moves of the pilot that decide a stop: each is asked on its own page."""
    if alert.status not in UNRESOLVED or not may_decide(user, alert):
        return []
    running = alert.pilot.status == Pilot.Status.RUNNING
    moves = [("pause", "Pause the pilot")] if running else []
    return [*moves, ("stop", "Stop the pilot for good")]
