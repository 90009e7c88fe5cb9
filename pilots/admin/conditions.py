"""The three kinds of rules: one table, one admin with a section for each, three sections in a pilot."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from pilots.admin.tracked import (
    ServedFormSet,
    ServedInline,
    TrackedAdmin,
    TrackedForm,
    VersionForm,
    act_on_each,
)
from pilots.evaluation.vocabulary import ConditionKind
from pilots.importing.pilot_parts import DEFAULT_SEVERITY
from pilots.models import Condition, Tracked, User
from pilots.permissions import can_edit_pilot
from pilots.reports.rules import rule_words
from pilots.services.conditioning import retire_condition, save_condition

WATCHES = ("metric", "driver", "data_state")
LIMIT = (("comparison", "limit", "clear_limit"), "scope")
PROOF = (
    ("method", "alpha"),
    ("sustained_periods", "sustained_days", "recover_periods"),
    ("window_days", "min_sample", "min_days"),
)
TELLING = (("severity", "must_watch", "observe_only"), "notify")
SECTIONS = {
    "": "All",
    ConditionKind.THRESHOLD.value: "Scale-up criteria",
    ConditionKind.STOP_CONDITION.value: "Stop conditions",
    ConditionKind.ESCALATION_TRIGGER.value: "Escalation triggers",
}


class WordsField(forms.CharField):
    """A list of words, written with commas between them."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]  # the field holds a list
        return [word.strip() for word in (value or "").split(",") if word.strip()]


class InForce(admin.SimpleListFilter):
    title, parameter_name = "in force", "in_force"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "In force"), ("no", "Retired")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "yes":
                return queryset.filter(retired_at=None)
            case "no":
                return queryset.exclude(retired_at=None)
            case _:
                return queryset


class ConditionForm(TrackedForm):
    notify = WordsField(label="Who is told", required=False, help_text="Roles or addresses, with commas.")


@admin.register(Condition)
class ConditionAdmin(TrackedAdmin):
    form = ConditionForm
    change_list_template = "admin/condition_list.html"
    list_display = ("__str__", "kind", "pilot", "rule", "severity", "episode")
    list_filter = ("kind", InForce, "severity", "method", "pilot")
    list_select_related = ("pilot", "metric", "driver")
    search_fields = ("ref", "name", "rationale", "pilot__ref", "pilot__title", "metric__name")
    autocomplete_fields = ("pilot", "metric", "driver")
    readonly_fields = ("rule_version", "counts_from", "retired_at")
    fixed = ("pilot", "kind")
    fieldsets = (
        (None, {"fields": ("pilot", "kind", ("ref", "name"), "rationale")}),
        ("What it watches", {"fields": WATCHES}),
        ("Its limit", {"fields": LIMIT}),
        ("When it counts as true", {"fields": PROOF}),
        ("Who hears of it", {"fields": TELLING}),
        ("This version", {"fields": (*readonly_fields, "reason", "seen_version")}),
    )
    actions = ("retire",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("states")  # type: ignore[no-any-return]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        kind = request.GET.get("kind__exact", "")
        sections = {"sections": SECTIONS.items(), "section": kind, **(extra_context or {})}
        return super().changelist_view(request, sections)  # type: ignore[no-any-return]

    def may_edit(self, by: User, row: Any) -> bool:
        return row.retired_at is None and can_edit_pilot(by, row.pilot)

    def serve(self, row: Any, fields: dict[str, Any], **act: Any) -> Tracked:
        whose = {"pilot_id": row.pilot_id, "condition_id": row.pk}
        return save_condition(**whose, fields=fields, **act)

    @admin.display(description="true when")
    def rule(self, condition: Condition) -> str:
        return rule_words(condition)

    @admin.display(description="stands")
    def episode(self, condition: Condition) -> str:
        """Say the loudest of its scopes."""
        order = ("firing", "recovering", "pending", "clear")
        known = sorted(condition.states.all(), key=lambda state: order.index(state.episode))
        return known[0].get_episode_display() if known else "not judged yet"

    @admin.action(description="Retire the selected conditions", permissions=("change",))
    def retire(self, request: HttpRequest, conditions: QuerySet[Condition]) -> None:
        act_on_each(self, request, conditions, retire)


def retire(condition: Condition, **act: Any) -> None:
    retire_condition(condition_id=condition.pk, **act)


class ConditionRowForm(VersionForm):
    notify = ConditionForm.base_fields["notify"]


class ConditionFormSet(ServedFormSet):
    kind: ClassVar[ConditionKind]

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.instance.kind = self.kind.value
        if form.instance.pk is None:
            form.initial["severity"] = DEFAULT_SEVERITY[self.kind].value
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = "Retire"

    def save_row(self, form: Any, **act: Any) -> None:
        fields = {"kind": self.kind.value, **form.given}
        save_condition(pilot_id=self.instance.pk, condition_id=form.instance.pk, fields=fields, **act)

    def remove_row(self, row: Any, **act: Any) -> None:
        retire_condition(condition_id=row.pk, **act)


class ConditionInline(ServedInline):
    """What a rule says; when it counts as true is set on its own page."""

    kind: ClassVar[ConditionKind]
    model = Condition
    form = ConditionRowForm
    fields = (
        "ref",
        "name",
        "metric",
        "driver",
        "comparison",
        "limit",
        "scope",
        "severity",
        "notify",
        "rationale",
        "seen_version",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(kind=self.kind.value, retired_at=None)

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Offer the pilot's own metrics and drivers, asked for once for all rows."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        match = request.resolver_match
        pilot_id = match.kwargs.get("object_id") if match else None
        if field is not None and db_field.name in ("metric", "driver"):
            field.queryset = db_field.remote_field.model._default_manager.filter(pilot_id=pilot_id)
            field.choices = list(cast(Iterable[Any], field.choices))
        return field


def section(kind: ConditionKind, one: str, several: str) -> type[ConditionInline]:
    """Return the pilot page's section of one kind of rule."""
    formset = type(f"{kind.name.title()}FormSet", (ConditionFormSet,), {"kind": kind})
    names = {"kind": kind, "formset": formset, "verbose_name": one, "verbose_name_plural": several}
    return type(f"{kind.name.title()}Inline", (ConditionInline,), names)


ThresholdInline = section(ConditionKind.THRESHOLD, "scale-up criterion", "scale-up criteria")
StopInline = section(ConditionKind.STOP_CONDITION, "stop condition", "stop conditions")
TriggerInline = section(ConditionKind.ESCALATION_TRIGGER, "escalation trigger", "escalation triggers")
