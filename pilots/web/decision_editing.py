"""Write a decision, change it, put it forward, decide it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from pilots.models import Decision, Framework, Risk
from pilots.permissions import can_edit_decision
from pilots.services import deciding
from pilots.web.editing import (
    allow,
    attempt,
    editor,
    mend_in_decision,
    say_who_is_new,
    sent,
    show,
    visible_decision,
    with_people,
)
from pilots.web.forms.decisions import DecisionForm, OptionFormSet, OptionRows, ReasonForm, RiskForm, ref_from
from pilots.web.frame import SignedInRequest

FIRST_TEMPLATE = "B0174"
WORD_TAKEN = "new"  # /decisions/new/ is a page
MOVES = {
    "propose": (deciding.propose_decision, "Propose", "Put it before those who decide"),
    "decide": (deciding.decide, "Decide", "Take this decision"),
}


@editor
def new(request: SignedInRequest) -> HttpResponse:
    """Write a decision, with what its template suggests filled in."""
    framework = Framework.objects.filter(code=request.GET.get("framework", FIRST_TEMPLATE)).first()
    return _edit(request, Decision(), initial={"owner": request.user.email, **_suggested(framework)})


@editor
def change(request: SignedInRequest, ref: str) -> HttpResponse:
    decision = visible_decision(request.user, ref)
    allow(can_edit_decision, request.user, decision)
    return _edit(request, decision, initial=None)


def _edit(request: SignedInRequest, decision: Decision, *, initial: dict[str, Any] | None) -> HttpResponse:
    known = list(decision.options.all()) if decision.pk else []
    was_decided = decision.decided_at is not None
    writer = "" if decision.pk else request.user.email
    form = DecisionForm(sent(request), instance=decision, initial=initial, explain=was_decided, writer=writer)
    options = OptionFormSet(sent(request), options=known)
    if all([form.is_valid(), options.is_valid()]):
        saved = attempt(
            form,
            lambda: _save(request, form, options),
            mend=mend_in_decision(decision if decision.pk else None),
            as_it_stands=lambda current: DecisionForm(instance=current, explain=was_decided),
        )
        if saved is not None:
            say_who_is_new(request, form.addresses)
            messages.success(request, "Saved.")
            still_sees = Decision.objects.visible_to(request.user).filter(pk=saved.pk).exists()
            return redirect("decision", ref=saved.ref) if still_sees else redirect("decisions")
    ref = Decision.objects.values_list("ref", flat=True).filter(pk=decision.pk).first()
    return show(request, "pilots/edit_decision.html", {"form": form, "options": options, "ref": ref})


def _save(request: SignedInRequest, form: DecisionForm, options: OptionRows) -> Decision:
    by, now, fields = request.user, timezone.now(), with_people(form)
    if not form.instance.pk:
        taken = {WORD_TAKEN, *Decision.objects.values_list("ref", flat=True)}
        fields["ref"] = ref_from(fields["title"], taken=taken)
        decision = deciding.create_decision(by=by, fields=fields, options=options.values, now=now)
        return deciding.set_decision_people(decision_id=decision.pk, by=by, people=form.people, now=now)
    # The people first: who hands the decision over may not name them afterwards.
    known, reason = form.instance.pk, form.reason_given
    deciding.set_decision_people(decision_id=known, by=by, people=form.people, now=now, reason=reason)
    return deciding.change_decision(
        decision_id=known,
        by=by,
        fields=fields,
        options=options.values,
        reason=reason,
        seen_version=form.version_seen,
        now=now,
    )


def _suggested(framework: Framework | None) -> dict[str, Any]:
    if framework is None:
        return {}
    sides = [*framework.trade_off, "", ""]
    return {"framework": framework.pk, "trade_off_a": sides[0], "trade_off_b": sides[1]}


@editor
def risk(request: SignedInRequest, ref: str, pk: int | None = None) -> HttpResponse:
    decision = visible_decision(request.user, ref)
    allow(can_edit_decision, request.user, decision)
    instance = get_object_or_404(Risk, pk=pk, decision=decision) if pk else Risk(decision=decision)
    form = RiskForm(sent(request), instance=instance)
    if form.is_valid():
        saved = attempt(
            form,
            lambda: deciding.save_risk(
                decision_id=decision.pk,
                risk_id=pk,
                by=request.user,
                fields=with_people(form),
                seen_version=form.version_seen if pk else None,
                now=timezone.now(),
            ),
            mend=mend_in_decision(decision),
            as_it_stands=lambda current: RiskForm(instance=current),
        )
        if saved is not None:
            say_who_is_new(request, form.addresses)
            messages.success(request, "Saved.")
            return redirect("decision", ref=ref)
    return show(request, "pilots/edit_risk.html", {"form": form, "decision": decision, "risk_id": pk})


@editor
def move(request: SignedInRequest, ref: str, move: str) -> HttpResponse:
    """Propose or decide: asked first, done when it is sent."""
    if move not in MOVES:
        raise Http404
    decision = visible_decision(request.user, ref)
    allow(can_edit_decision, request.user, decision)
    act, word, question = MOVES[move]
    form = ReasonForm(sent(request))
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        moved = attempt(
            form,
            lambda: act(decision_id=decision.pk, by=request.user, reason=reason, now=timezone.now()),
            mend=mend_in_decision(decision),
        )
        if moved is not None:
            messages.success(request, f"This decision is now {moved.get_status_display().lower()}.")
            return redirect("decision", ref=ref)
    context = {"form": form, "decision": decision, "word": word, "question": question}
    return show(request, "pilots/edit_decision_move.html", context)
