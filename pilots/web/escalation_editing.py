"""Who is told next when nobody answers: the policies of a pilot, and who each of them would tell."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.forms import BaseFormSet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from pilots.models import EscalationPolicy, Pilot
from pilots.permissions import can_edit_pilot
from pilots.services.chaining import PreviewedStep, preview, save_policy
from pilots.web.editing import (
    allow,
    attempt,
    editor,
    mend_in_pilot,
    say_who_is_new,
    sent,
    show,
    visible_pilot,
)
from pilots.web.forms.escalation import PolicyForm, StepForm, Steps, addresses_of, filled, steps_of
from pilots.web.frame import SignedInRequest
from pilots.web.steps import set_up_of


@dataclass(frozen=True, slots=True)
class Shown:
    """A policy with the steps it would go, for one pilot; the built-in one has no row."""

    policy: EscalationPolicy | None
    steps: list[PreviewedStep]
    limits: list[str]


def policies_of(pilot: Pilot) -> dict[str, Any]:
    """Return the pilot's own policies, and the one every other limit follows."""
    own = list(pilot.escalation_policies.prefetch_related("steps"))
    followed = next((policy for policy in own if policy.is_default), None) or default_of_all()
    return {
        "own": [_shown(policy, pilot) for policy in own],
        "followed": _shown(followed, pilot),
        "is_own": followed in own,
    }


def default_of_all() -> EscalationPolicy | None:
    return EscalationPolicy.objects.filter(pilot=None, is_default=True).first()


def _shown(policy: EscalationPolicy | None, pilot: Pilot) -> Shown:
    follow = pilot.conditions.in_force().filter(policy=policy) if policy else pilot.conditions.none()
    return Shown(policy, preview(policy, pilot), [condition.ref for condition in follow])


@editor
def policy(request: SignedInRequest, ref: str, pk: int | None = None) -> HttpResponse:
    """Write a policy, or change one; saving it leads back to who it would tell."""
    pilot = visible_pilot(request.user, ref)
    allow(can_edit_pilot, request.user, pilot)
    known = get_object_or_404(pilot.escalation_policies, pk=pk) if pk else None
    started = pilot.started_at is not None
    stored = known or EscalationPolicy(pilot=pilot)
    form = PolicyForm(sent(request), instance=stored, explain=started)
    steps = Steps(sent(request), initial=filled(known.steps.all()) if known else [], prefix="steps")

    def as_it_stands(current: EscalationPolicy) -> PolicyForm:
        return PolicyForm(instance=current, explain=started)

    if form.is_valid() and steps.is_valid():
        mend, save = mend_in_pilot(pilot), partial(_save, request, pilot, form, steps)
        saved = attempt(form, save, mend=mend, as_it_stands=as_it_stands)
        if saved is not None:
            say_who_is_new(request, addresses_of(steps))
            messages.success(request, f"Saved: {saved}. Below is who it would tell.")
            return redirect("pilot-setup", ref=ref, step="escalation")
    context = {
        "form": form,
        "steps": steps,
        "row": known,
        "set_up": set_up_of(pilot, "escalation"),
        "at_row": True,
    }
    return show(request, "pilots/edit_policy.html", context)


def _save(
    request: SignedInRequest, pilot: Pilot, form: PolicyForm, steps: BaseFormSet[StepForm]
) -> EscalationPolicy:
    return save_policy(
        policy_id=form.instance.pk,
        pilot_id=pilot.pk,
        by=request.user,
        name=form.values["name"],
        steps=steps_of(steps),
        is_default=form.values["is_default"],
        reason=form.reason_given,
        seen_version=form.version_seen if form.instance.pk else None,
        now=timezone.now(),
    )
