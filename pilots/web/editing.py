"""What every page people edit on does: fetch what this person may see, try one act, keep what was typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from pilots.models import Decision, Pilot, User
from pilots.permissions import OWNERS, NotAllowed, people_by_role, require
from pilots.reports.words import listed
from pilots.services.assigning import person
from pilots.services.errors import Reason, Refused, Stale
from pilots.tasks import ring_evaluation
from pilots.web.forms.editing import EditForm
from pilots.web.forms.fields import AddressField
from pilots.web.frame import SignedInRequest
from pilots.web.steps import Mend, place_in_pilot

T = TypeVar("T")


def editor(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Ask for a sign-in, let a page that isn't allowed say who may, and ring where something was changed."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            answer = view(request, *args, **kwargs)
        except NotAllowed as refusal:
            raise PermissionDenied(str(refusal)) from refusal
        # What was refused is shown again; whoever is led on has changed something.
        if request.method == "POST" and isinstance(answer, HttpResponseRedirectBase):
            transaction.on_commit(ring_evaluation)
        return answer

    return login_required(require_http_methods(["GET", "HEAD", "POST"])(page))


def sent(request: HttpRequest) -> QueryDict | None:
    """Return what a form was filled with, or None where the page is only being looked at."""
    return request.POST if request.method == "POST" else None


def visible_pilot(user: User, ref: str) -> Pilot:
    return get_object_or_404(Pilot.objects.visible_to(user).select_related("decision"), ref=ref)


def visible_decision(user: User, ref: str) -> Decision:
    return get_object_or_404(Decision.objects.visible_to(user), ref=ref)


def allow(predicate: Callable[[User, Any], bool], user: User, subject: Pilot | Decision) -> None:
    """Go on only where this person may; otherwise say who may, by name."""
    try:
        require(predicate, user, subject)
    except NotAllowed as refusal:
        ask = f" Ask {' or '.join(owners_of(subject))}." if owners_of(subject) else ""
        raise NotAllowed(f"{refusal}{ask}") from refusal


def owners_of(subject: Pilot | Decision) -> list[str]:
    if isinstance(subject, Decision):
        return [str(person) for person in (subject.owner, subject.deputy) if person]
    people = people_by_role(subject)
    return list(dict.fromkeys(str(person) for role in OWNERS for person in people.get(role, [])))


def attempt(
    form: forms.BaseForm,
    act: Callable[[], T],
    *,
    mend: Callable[[Reason], Mend],
    as_it_stands: Callable[[Any], EditForm] | None = None,
) -> T | None:
    """Do one act. What it refuses is said at the form, which keeps everything that was typed.

    `as_it_stands` fills the same form from the row that somebody else has just saved.
    """
    try:
        with transaction.atomic():
            return act()
    except Stale as stale:
        if not isinstance(form, EditForm) or as_it_stands is None:
            raise
        form.lay_beside(as_it_stands(stale.current))
    except Refused as refusal:
        typed_in = getattr(form, "typed_in", {})
        at_field = [(typed_in.get(reason.field, reason.field), reason) for reason in refusal.reasons]
        form.refusals = [  # type: ignore[attr-defined]
            mend(reason) for name, reason in at_field if name not in form.fields
        ]
        for name, reason in at_field:
            if name in form.fields:
                form.add_error(name, reason.text)
    return None


def mend_in_pilot(pilot: Pilot) -> Callable[[Reason], Mend]:
    """Return how a reason of this pilot gets the link to where it is mended."""
    return lambda reason: Mend(reason.text, place_in_pilot(pilot, reason.where))


def mend_in_decision(decision: Decision | None) -> Callable[[Reason], Mend]:
    url = reverse("decision-edit", args=[decision.ref]) if decision else ""
    return lambda reason: Mend(reason.text, f"{url}#{reason.where}" if url and reason.where else "")


def show(request: SignedInRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Render a page to edit on: 200 also for what was refused, as the form is the answer."""
    return render(request, template, {"known_people": known_people(request.user), **context})


def with_people(form: EditForm) -> dict[str, Any]:
    """Return what was typed, with people in the place of addresses; new ones come in without a password."""
    return {
        name: (person(value) if value else None) if isinstance(form.fields.get(name), AddressField) else value
        for name, value in form.values.items()
    }


def say_who_is_new(request: SignedInRequest, addresses: Iterable[str]) -> None:
    """Tell which of these people have just come in by their address alone."""
    named = set(addresses)
    can_sign_in = {user.email for user in User.objects.filter(email__in=named) if user.has_usable_password()}
    if new := sorted(named - can_sign_in):
        text = f"{listed(new)}: no sign-in yet. Mails go out all the same; invite them to the pages."
        messages.warning(request, text)


def known_people(user: User) -> Iterable[User]:
    """Return the people this person works with, to be offered by address."""
    pilots, decisions = Pilot.objects.visible_to(user), Decision.objects.visible_to(user)
    works_with = (
        Q(memberships__pilot__in=pilots)
        | Q(memberships__decision__in=decisions)
        | Q(decisions_owned__in=decisions)
    )
    known = User.objects.filter(pk__in=User.objects.filter(works_with).values("pk"), is_active=True)
    return known.order_by("name", "email")[:200]
