from __future__ import annotations

from django.contrib import admin

from pilots.admin.read_only import ReadOnlyAdmin
from pilots.models import ConditionState, DriverState, Evaluation, PilotState


@admin.register(Evaluation)
class EvaluationAdmin(ReadOnlyAdmin):
    list_display = ("pilot", "as_of", "verdict", "sentence", "evaluator")
    list_filter = ("verdict", "pilot", "evaluator")
    list_select_related = ("pilot",)
    search_fields = ("pilot__ref", "pilot__title", "sentence", "reason")
    date_hierarchy = "as_of"


@admin.register(PilotState)
class PilotStateAdmin(ReadOnlyAdmin):
    list_display = ("pilot", "verdict", "verdict_since", "last_evaluated_at", "next_look_at", "failures")
    list_filter = ("verdict",)
    list_select_related = ("pilot",)
    search_fields = ("pilot__ref", "pilot__title", "last_error")


@admin.register(ConditionState)
class ConditionStateAdmin(ReadOnlyAdmin):
    list_display = ("condition", "condition__pilot", "scope", "episode", "since", "updated_at")
    list_filter = ("episode", "condition__kind")
    list_select_related = ("condition__pilot",)
    search_fields = ("condition__ref", "condition__name", "condition__pilot__ref")
    date_hierarchy = "since"


@admin.register(DriverState)
class DriverStateAdmin(ReadOnlyAdmin):
    list_display = ("driver", "driver__pilot", "updated_at")
    list_filter = ("driver__pilot",)
    list_select_related = ("driver__pilot",)
    search_fields = ("driver__ref", "driver__name", "driver__pilot__ref")
    ordering = ("driver",)
