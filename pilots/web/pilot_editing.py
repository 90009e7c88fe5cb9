"""Set a pilot up, step by step; each step saves by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from pilots.models import Baseline, Metric, Pilot
from pilots.permissions import can_edit_decision, can_edit_pilot, can_finalise_baseline
from pilots.services import piloting
from pilots.web.editing import (
    allow,
    attempt,
    editor,
    mend_in_decision,
    mend_in_pilot,
    say_who_is_new,
    sent,
    show,
    visible_decision,
    visible_pilot,
)
from pilots.web.escalation_editing import policies_of
from pilots.web.forms.decisions import ref_from
from pilots.web.forms.pilots import BasicsForm, PeopleForm, ReviewsForm
from pilots.web.frame import SignedInRequest
from pilots.web.limits import groups_of
from pilots.web.steps import set_up_of


@editor
def new(request: SignedInRequest, ref: str) -> HttpResponse:
    """Begin a pilot of a decision."""
    decision = visible_decision(request.user, ref)
    allow(can_edit_decision, request.user, decision)
    form = BasicsForm(sent(request), instance=Pilot(decision=decision), initial={"title": decision.title})
    if form.is_valid():
        fields = {**form.values, "ref": free_ref(form.values["title"])}
        now = timezone.now()
        pilot = attempt(
            form,
            lambda: piloting.create_pilot(decision_id=decision.pk, by=request.user, fields=fields, now=now),
            mend=mend_in_decision(decision),
        )
        if pilot is not None:
            messages.success(request, "Saved. Each step saves by itself; come back whenever you like.")
            return redirect("pilot-setup", ref=pilot.ref, step="people")
    return show(request, "pilots/edit_pilot_new.html", {"form": form, "decision": decision})


def free_ref(title: str) -> str:
    return ref_from(title, taken=set(Pilot.objects.values_list("ref", flat=True)))


@editor
def begin(request: SignedInRequest, ref: str) -> HttpResponse:
    """Go to the first step that still needs something."""
    pilot = visible_pilot(request.user, ref)
    return redirect("pilot-setup", ref=ref, step=set_up_of(pilot, "check").first_open)


@editor
def step(request: SignedInRequest, ref: str, step: str) -> HttpResponse:
    """Show one step of the set-up, and save it."""
    pilot = visible_pilot(request.user, ref)
    if step not in PAGES:
        raise Http404
    allow(can_finalise_baseline if step == "baselines" else can_edit_pilot, request.user, pilot)
    return PAGES[step](request, pilot)


def _basics(request: SignedInRequest, pilot: Pilot) -> HttpResponse:
    started = pilot.started_at is not None
    form = BasicsForm(sent(request), instance=pilot, explain=started)

    def save() -> Pilot:
        return piloting.change_pilot(
            pilot_id=pilot.pk,
            by=request.user,
            fields=form.values,
            reason=form.reason_given,
            seen_version=form.version_seen,
            now=timezone.now(),
        )

    def as_it_stands(current: Pilot) -> BasicsForm:
        return BasicsForm(instance=current, explain=started)

    if form.is_valid():
        mend = mend_in_pilot(pilot)
        if attempt(form, save, mend=mend, as_it_stands=as_it_stands) is not None:
            return _on(request, pilot, "people")
    return _page(request, "basics", stored(pilot), form=form)


def _people(request: SignedInRequest, pilot: Pilot) -> HttpResponse:
    form = PeopleForm(sent(request), pilot=pilot)

    def save() -> Pilot:
        now = timezone.now()
        return piloting.set_people(pilot_id=pilot.pk, by=request.user, people=form.people, now=now)

    if form.is_valid() and attempt(form, save, mend=mend_in_pilot(pilot)) is not None:
        say_who_is_new(request, [email for emails in form.people.values() for email in emails])
        return _on(request, pilot, "stages")
    return _page(request, "people", pilot, form=form)


def _reviews(request: SignedInRequest, pilot: Pilot) -> HttpResponse:
    planned = {"on": pilot.first_review_on, "every_days": pilot.review_every_days or 28}
    form = ReviewsForm(sent(request), initial=planned, explain=pilot.started_at is not None)

    def save() -> Pilot:
        return piloting.schedule_first_review(
            pilot_id=pilot.pk, by=request.user, now=timezone.now(), **form.cleaned_data
        )

    if form.is_valid() and attempt(form, save, mend=mend_in_pilot(pilot)) is not None:
        return _on(request, pilot, "check")
    return _page(request, "reviews", pilot, form=form, reviews=pilot.reviews.upcoming())


def _stages(request: SignedInRequest, pilot: Pilot) -> HttpResponse:
    return _page(request, "stages", pilot, stages=pilot.stages.all())


def _metrics(request: SignedInRequest, pilot: Pilot) -> HttpResponse:
    metrics = list(pilot.metrics.select_related("owner"))
    return _page(
        request,
        "metrics",
        pilot,
        metrics=metrics,
        suggested=suggested(pilot, "metrics", [m.name for m in metrics]),
    )


def _drivers(request: SignedInRequest, pilot: Pilot) -> HttpResponse:
    drivers = list(pilot.drivers.select_related("owner"))
    return _page(
        request,
        "drivers",
        pilot,
        drivers=drivers,
        suggested=suggested(pilot, "drivers", [d.name for d in drivers]),
    )


def _baselines(request: SignedInRequest, pilot: Pilot) -> HttpResponse:
    metrics = pilot.metrics.prefetch_related("baselines__finalised_by")
    return _page(request, "baselines", pilot, versions=[_versions(metric) for metric in metrics])


def _limits(request: SignedInRequest, pilot: Pilot) -> HttpResponse:
    return _page(request, "limits", pilot, groups=groups_of(pilot))


def _escalation(request: SignedInRequest, pilot: Pilot) -> HttpResponse:
    return _page(request, "escalation", pilot, **policies_of(pilot))


def _check(request: SignedInRequest, pilot: Pilot) -> HttpResponse:
    return _page(request, "check", pilot, groups=groups_of(pilot))


def _versions(metric: Metric) -> dict[str, Metric | Baseline | None]:
    newest = {baseline.is_final: baseline for baseline in metric.baselines.all()}
    return {"metric": metric, "final": newest.get(True), "draft": newest.get(False)}


PAGES: dict[str, Callable[[SignedInRequest, Pilot], HttpResponse]] = {
    "basics": _basics,
    "people": _people,
    "stages": _stages,
    "metrics": _metrics,
    "baselines": _baselines,
    "drivers": _drivers,
    "limits": _limits,
    "escalation": _escalation,
    "reviews": _reviews,
    "check": _check,
}


def suggested(pilot: Pilot, what: str, known: list[str]) -> list[str]:
    """Return what the decision's template names and this pilot does not have yet."""
    framework = pilot.decision.framework
    offered = getattr(framework, what) if framework else []
    have = {name.casefold() for name in known}
    return [name for name in map(str, offered) if name.casefold() not in have]


def stored(pilot: Pilot) -> Pilot:
    """Return the pilot as it is stored; a form lays what was typed over the one it was given."""
    return Pilot.objects.select_related("decision").get(pk=pilot.pk)


def _on(request: SignedInRequest, pilot: Pilot, following: str) -> HttpResponse:
    messages.success(request, "Saved.")
    if "leave" in request.POST:
        return redirect("pilot", ref=pilot.ref)
    return redirect("pilot-setup", ref=pilot.ref, step=following)


def _page(request: SignedInRequest, step: str, pilot: Pilot, **context: Any) -> HttpResponse:
    return show(
        request, f"pilots/edit_{step}.html", {"set_up": set_up_of(pilot, step), "pilot": pilot, **context}
    )
