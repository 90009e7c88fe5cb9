from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from pilots.admin.history import HistoryAdmin
from pilots.admin.people import DecisionPeopleInline
from pilots.admin.read_only import ReadOnly, ReadOnlyInline
from pilots.admin.tracked import ServedFormSet, ServedInline, TrackedAdmin, act_of, act_on_each, signed_in
from pilots.models import Decision, Framework, NextStep, Option, Pilot, Risk, Tracked, User
from pilots.permissions import can_edit_decision
from pilots.services.deciding import (
    change_decision,
    create_decision,
    decide,
    propose_decision,
    remove_risk,
    save_risk,
)


@admin.register(Framework)
class FrameworkAdmin(TrackedAdmin):
    list_display = ("code", "name_en", "name_katakana", "name_kanji", "quality", "updated")
    list_filter = ("quality",)
    search_fields = ("code", "name_en", "name_katakana", "name_kanji", "source")
    date_hierarchy = "updated"
    fixed = ("code",)


class EditedWithItsDecision(ReadOnly, HistoryAdmin):
    """Shown here with its history; changed on its decision's page, together with the rest of it."""


@admin.register(Option)
class OptionAdmin(EditedWithItsDecision):
    list_display = ("key", "title", "decision", "chosen")
    list_filter = ("chosen",)
    list_select_related = ("decision",)
    search_fields = ("title", "summary", "decision__ref", "decision__title")


@admin.register(NextStep)
class NextStepAdmin(EditedWithItsDecision):
    list_display = ("text", "decision", "readiness", "done")
    list_filter = ("done", "readiness")
    list_select_related = ("decision",)
    search_fields = ("text", "decision__ref", "decision__title")


@admin.register(Risk)
class RiskAdmin(TrackedAdmin):
    list_display = ("text", "decision", "likelihood", "impact", "signal", "owner")
    list_filter = ("signal", "likelihood", "impact")
    list_select_related = ("decision", "owner")
    search_fields = ("text", "planned_response", "decision__ref", "decision__title")
    autocomplete_fields = ("decision", "owner")
    fixed = ("decision",)

    def may_edit(self, by: User, row: Any) -> bool:
        return can_edit_decision(by, row.decision)

    def serve(self, row: Any, fields: dict[str, Any], **act: Any) -> Tracked:
        return save_risk(decision_id=row.decision_id, risk_id=row.pk, fields=fields, **act)


class OptionInline(ServedInline):
    model = Option
    fields = ("key", "title", "chosen", "summary", "rejected_because", "seen_version")


class RiskFormSet(ServedFormSet):
    def save_row(self, form: Any, **act: Any) -> None:
        risk = form.instance
        save_risk(decision_id=self.instance.pk, risk_id=risk.pk, fields=form.given, **act)

    def remove_row(self, row: Any, **act: Any) -> None:
        remove_risk(risk_id=row.pk, **act)


class RiskInline(ServedInline):
    model = Risk
    formset = RiskFormSet
    fields = ("text", "likelihood", "impact", "owner", "signal", "planned_response", "seen_version")
    autocomplete_fields = ("owner",)


class NextStepFormSet(ServedFormSet):
    def save_row(self, form: Any, **act: Any) -> None:
        form.instance.explain(by=act["by"], reason=act["reason"])
        form.instance.save()

    def remove_row(self, row: Any, **act: Any) -> None:
        row.explain(by=act["by"], reason=act["reason"])
        row.delete()


class NextStepInline(ServedInline):
    model = NextStep
    formset = NextStepFormSet
    fields = ("order", "text", "readiness", "done", "seen_version")


class PilotInline(ReadOnlyInline):
    model = Pilot
    fields = ("ref", "title", "status", "start", "end")


@admin.register(Decision)
class DecisionAdmin(TrackedAdmin):
    list_display = ("ref", "title", "status", "owner", "quality", "decided_at", "changed_since_decided_at")
    list_filter = (
        "status",
        "quality",
        "reversibility",
        "framework",
        ("changed_since_decided_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("owner",)
    search_fields = ("ref", "title", "statement", "context", "owner__name", "owner__email")
    date_hierarchy = "decided_at"
    autocomplete_fields = ("framework", "owner", "deputy")
    readonly_fields = (
        "status",
        "supersedes",
        "proposed_at",
        "decided_at",
        "changed_since_decided_at",
        "unplaced",
    )
    fixed = ("ref",)
    inlines = (OptionInline, RiskInline, NextStepInline, DecisionPeopleInline, PilotInline)
    actions = ("propose", "take")

    def may_edit(self, by: User, row: Any) -> bool:
        return can_edit_decision(by, row)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Whoever writes a decision owns it, unless somebody else is named."""
        return {"owner": signed_in(request).pk, **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Wait for the options: a decision and its options are one act."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        act, decision = act_of(request, form), form.instance
        chosen = next(formset for formset in formsets if formset.model is Option)
        chosen.save(commit=False)
        options = [row.given for row in chosen.rows]
        if change:
            seen = form.cleaned_data["seen_version"]
            whole = {"fields": form.given, "options": options, "seen_version": seen}
            change_decision(decision_id=decision.pk, **whole, **act)
        else:
            written = create_decision(by=act["by"], fields=form.given, options=options, now=act["now"])
            decision.pk = written.pk
        for formset in formsets:
            if formset is not chosen:
                self.save_formset(request, form, formset, change)

    @admin.action(description="Propose the selected decisions", permissions=("change",))
    def propose(self, request: HttpRequest, decisions: QuerySet[Decision]) -> None:
        act_on_each(self, request, decisions, lambda row, **act: propose_decision(decision_id=row.pk, **act))

    @admin.action(description="Take the selected decisions", permissions=("change",))
    def take(self, request: HttpRequest, decisions: QuerySet[Decision]) -> None:
        act_on_each(self, request, decisions, lambda row, **act: decide(decision_id=row.pk, **act))
