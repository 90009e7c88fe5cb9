"""A baseline: choose its window, see what it would freeze, make it final."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from pilots.models import Baseline, Metric, Pilot
from pilots.permissions import can_finalise_baseline
from pilots.reports.baseline_windows import window_of
from pilots.services.measuring import draft_baseline, finalise_baseline
from pilots.web.editing import allow, attempt, editor, mend_in_pilot, sent, show, visible_pilot
from pilots.web.forms.editing import PlainForm
from pilots.web.forms.metrics import BaselineForm
from pilots.web.frame import SignedInRequest
from pilots.web.steps import set_up_of


@editor
def window(request: SignedInRequest, ref: str, pk: int) -> HttpResponse:
    """Choose the days a metric is compared with."""
    pilot, metric = _of(request, ref, pk)
    versions = list(metric.baselines.all())
    replaces = any(baseline.is_final for baseline in versions)
    waiting = [baseline for baseline in versions if not baseline.is_final]
    instance = waiting[-1] if waiting else Baseline(metric=metric)
    form = BaselineForm(sent(request), instance=instance, explain=replaces)
    if form.is_valid():
        drafted = attempt(
            form,
            lambda: draft_baseline(
                metric_id=metric.pk,
                by=request.user,
                reason=form.reason_given,
                now=timezone.now(),
                **form.values,
            ),
            mend=mend_in_pilot(pilot),
        )
        if drafted is not None:
            messages.success(
                request, f"The baseline of {metric} has its window. Make it final when it has settled."
            )
            return redirect("baseline-final", ref=ref, pk=pk)
    return _show(request, "edit_baseline.html", pilot, metric, form)


@editor
def finalise(request: SignedInRequest, ref: str, pk: int) -> HttpResponse:
    """Show what would be frozen; freeze it when it is sent."""
    pilot, metric = _of(request, ref, pk)
    form = PlainForm(sent(request))
    if form.is_valid():
        final = attempt(
            form,
            lambda: finalise_baseline(metric_id=metric.pk, by=request.user, now=timezone.now()),
            mend=mend_in_pilot(pilot),
        )
        if final is not None:
            messages.success(request, f"The baseline of {metric} is final.")
            return redirect("pilot-setup", ref=ref, step="baselines")
    return _show(request, "edit_baseline_final.html", pilot, metric, form)


def _of(request: SignedInRequest, ref: str, pk: int) -> tuple[Pilot, Metric]:
    pilot = visible_pilot(request.user, ref)
    allow(can_finalise_baseline, request.user, pilot)
    return pilot, get_object_or_404(pilot.metrics.prefetch_related("baselines"), pk=pk)


def _show(
    request: SignedInRequest, template: str, pilot: Pilot, metric: Metric, form: PlainForm | BaselineForm
) -> HttpResponse:
    waiting = [baseline for baseline in metric.baselines.all() if not baseline.is_final]
    baseline = waiting[-1] if waiting else metric.baseline
    context = {
        "set_up": set_up_of(pilot, "baselines"),
        "at_row": True,
        "pilot": pilot,
        "metric": metric,
        "form": form,
        "baseline": baseline,
        "window": window_of(baseline) if baseline and not baseline.is_final else [],
    }
    return show(request, f"pilots/{template}", context)
