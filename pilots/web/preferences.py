"""How a person is told: what at once, what in a weekly digest, what not at all, and when not."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from pilots.models import Preference
from pilots.services.preferring import save_preference
from pilots.web.editing import attempt, editor, sent, show
from pilots.web.forms.preferences import PreferenceForm
from pilots.web.frame import SignedInRequest
from pilots.web.steps import Mend


@editor
def preferences(request: SignedInRequest) -> HttpResponse:
    person = request.user
    known = Preference.objects.filter(user=person).first() or Preference(timezone=settings.TIME_ZONE)
    form = PreferenceForm(sent(request), preference=known)
    if form.is_valid():
        save = partial(save_preference, user=person, by=person, now=timezone.now(), **form.answers)
        if attempt(form, save, mend=lambda reason: Mend(reason.text)) is not None:
            messages.success(request, "Saved. What waits for you follows it, too.")
            return redirect("preferences")
    return show(request, "pilots/preferences.html", {"form": form})
