"""Stages, metrics, drivers and limits of a pilot: each row on its own small page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from pilots.evaluation.vocabulary import ConditionKind
from pilots.models import Condition, Driver, Metric, Pilot, Stage, Tracked
from pilots.permissions import can_edit_pilot
from pilots.reports.planning import Provable, provable
from pilots.services.conditioning import retire_condition, save_condition
from pilots.services.measuring import (
    remove_driver,
    remove_metric,
    save_driver,
    save_metric,
    update_driver_value,
)
from pilots.services.staging import remove_stage, save_stage
from pilots.web.editing import (
    allow,
    attempt,
    editor,
    mend_in_pilot,
    say_who_is_new,
    sent,
    show,
    visible_pilot,
    with_people,
)
from pilots.web.forms.conditions import ConditionForm
from pilots.web.forms.decisions import ReasonForm
from pilots.web.forms.editing import EditForm
from pilots.web.forms.limit_words import KINDS
from pilots.web.forms.metrics import DriverForm, DriverValueForm, MetricForm
from pilots.web.forms.pilots import StageForm
from pilots.web.frame import SignedInRequest
from pilots.web.steps import set_up_of


@dataclass(frozen=True, slots=True)
class Rows:
    """One sort of row: how it is called, typed, saved and taken away."""

    model: type[Tracked]
    form: type[EditForm]
    save: Callable[..., Any]
    remove: Callable[..., Any]
    noun: str
    key: str  # the service's name for the row


ROWS = {
    "stages": Rows(Stage, StageForm, save_stage, remove_stage, "stage", "stage_id"),
    "metrics": Rows(Metric, MetricForm, save_metric, remove_metric, "metric", "metric_id"),
    "drivers": Rows(Driver, DriverForm, save_driver, remove_driver, "driver", "driver_id"),
    "limits": Rows(Condition, ConditionForm, save_condition, retire_condition, "limit", "condition_id"),
}


@editor
def row(request: SignedInRequest, ref: str, step: str, pk: int | None = None) -> HttpResponse:
    """Add a row, or change one."""
    pilot, rows, instance = _of(request, ref, step, pk)
    options = _options(request, pilot, instance)

    def filled(current: Any) -> EditForm:
        return rows.form(instance=current, explain=started, **options)

    started = pilot.started_at is not None
    form = rows.form(
        sent(request),
        instance=instance,
        explain=started,
        initial=_suggested(request) if pk is None else None,
        **options,
    )
    if form.is_valid():
        saved = attempt(
            form, lambda: _save(request, pilot, rows, form), mend=mend_in_pilot(pilot), as_it_stands=filled
        )
        if saved is not None:
            say_who_is_new(request, form.addresses)
            messages.success(request, f"Saved: {saved}.")
            return redirect("pilot-setup", ref=pilot.ref, step=step)
    context = {
        "form": form,
        "rows": rows,
        "row": instance if pk else None,
        "set_up": set_up_of(pilot, step),
        "at_row": True,
        "provable": _provable(form),
    }
    return show(request, f"pilots/edit_{rows.noun}.html", context)


def _provable(form: EditForm) -> Provable | None:
    if not isinstance(form, ConditionForm):
        return None
    return provable(form.pilot, form.kind.value, form.instance.ref)


@editor
def remove(request: SignedInRequest, ref: str, step: str, pk: int) -> HttpResponse:
    """Take a row away: shown first as a question, done when it is sent."""
    pilot, rows, instance = _of(request, ref, step, pk)
    form = ReasonForm(sent(request))
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        done = attempt(
            form,
            lambda: _remove(request, pilot, rows, pk, reason),
            mend=mend_in_pilot(pilot),
        )
        if done:
            messages.success(request, f"Taken away: {instance}.")
            return redirect("pilot-setup", ref=pilot.ref, step=step)
    context = {"form": form, "rows": rows, "row": instance, "set_up": set_up_of(pilot, step), "at_row": True}
    return show(request, "pilots/edit_remove.html", context)


def _of(request: SignedInRequest, ref: str, step: str, pk: int | None) -> tuple[Pilot, Rows, Tracked]:
    pilot = visible_pilot(request.user, ref)
    if step not in ROWS:
        raise Http404
    allow(can_edit_pilot, request.user, pilot)
    rows = ROWS[step]
    of_pilot: dict[str, Any] = {"pilot": pilot}
    if pk is not None:
        return pilot, rows, get_object_or_404(rows.model, pk=pk, **of_pilot)
    return pilot, rows, rows.model(**of_pilot)


def _options(request: SignedInRequest, pilot: Pilot, instance: Tracked) -> dict[str, Any]:
    if not isinstance(instance, Condition):
        return {"pilot": pilot}
    kind = instance.kind or request.GET.get("kind", ConditionKind.THRESHOLD.value)
    if kind not in KINDS:
        raise Http404
    return {"pilot": pilot, "kind": kind}


def _suggested(request: SignedInRequest) -> dict[str, Any]:
    """Return what a template or a link suggests for a new row."""
    offered = ("name", "owner", "dimension", "watch")
    return {name: request.GET[name] for name in offered if name in request.GET}


def _save(request: SignedInRequest, pilot: Pilot, rows: Rows, form: EditForm) -> Any:
    return rows.save(
        pilot_id=pilot.pk,
        by=request.user,
        fields=with_people(form),
        reason=form.reason_given,
        seen_version=form.version_seen if form.instance.pk else None,
        now=timezone.now(),
        **{rows.key: form.instance.pk},
    )


def _remove(request: SignedInRequest, pilot: Pilot, rows: Rows, pk: int, reason: str) -> bool:
    of_pilot = {"pilot_id": pilot.pk} if rows.model is Stage else {}
    rows.remove(by=request.user, reason=reason, now=timezone.now(), **{rows.key: pk}, **of_pilot)
    return True


@editor
def driver_value(request: SignedInRequest, ref: str, pk: int) -> HttpResponse:
    """Record what a plain number is now."""
    pilot = visible_pilot(request.user, ref)
    driver = get_object_or_404(pilot.drivers.filter(dimension=""), pk=pk)
    form = DriverValueForm(sent(request))
    if form.is_valid():
        updated = attempt(
            form,
            lambda: update_driver_value(
                driver_id=pk, by=request.user, now=timezone.now(), **form.cleaned_data
            ),
            mend=mend_in_pilot(pilot),
        )
        if updated is not None:
            messages.success(request, f"Saved: {updated} is now {updated.current_value:g}.")
            return redirect("pilot", ref=ref)
    context = {"form": form, "driver": driver, "pilot": pilot}
    return show(request, "pilots/edit_driver_value.html", context)
