"""What a reviewer answers on a page of its own: whether a driver that moved lets the limits stand."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from pilots.models import DriverAnswer
from pilots.permissions import can_answer_driver
from pilots.services.reviewing import answer_driver
from pilots.web.editing import allow, attempt, editor, mend_in_pilot, sent, show, visible_pilot
from pilots.web.forms.moves import DriverAnswerForm
from pilots.web.frame import SignedInRequest


@editor
def answer(request: SignedInRequest, ref: str, pk: int) -> HttpResponse:
    pilot = visible_pilot(request.user, ref)
    allow(can_answer_driver, request.user, pilot)
    driver = get_object_or_404(pilot.drivers, pk=pk)
    form = DriverAnswerForm(sent(request))
    if form.is_valid():
        given = form.cleaned_data
        answered = attempt(
            form,
            lambda: answer_driver(
                driver_id=pk,
                by=request.user,
                answer=DriverAnswer(given["answer"]),
                reason=given["reason"],
                now=timezone.now(),
            ),
            mend=mend_in_pilot(pilot),
        )
        if answered is not None:
            messages.success(request, f"Kept: {answered}, {answered.get_answer_display().lower()}.")
            return redirect("pilot", ref=ref)
    return show(request, "pilots/edit_driver_answer.html", {"form": form, "driver": driver, "pilot": pilot})
