from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from pilots.admin.read_only import ReadOnlyInline
from pilots.admin.tracked import ServedFormSet, ServedInline, TrackedAdmin, act_on_each
from pilots.models import Baseline, Condition, Driver, Metric, Tracked, User
from pilots.permissions import can_edit_pilot
from pilots.services.measuring import (
    draft_baseline,
    finalise_baseline,
    remove_driver,
    remove_metric,
    save_driver,
    save_metric,
)


class BaselineInline(ReadOnlyInline):
    model = Baseline
    fields = (
        "number",
        "first_day",
        "last_day",
        "value",
        "n",
        "spread",
        "finalised_at",
        "finalised_by",
        "reason",
    )


class RuleInline(ReadOnlyInline):
    model = Condition
    fields = ("kind", "ref", "name", "comparison", "limit", "scope", "rule_version", "retired_at")


@admin.register(Metric)
class MetricAdmin(TrackedAdmin):
    list_display = ("name", "ref", "pilot", "kind", "unit", "direction", "owner")
    list_filter = ("kind", "direction", "pilot", "owner")
    list_select_related = ("pilot", "owner")
    search_fields = ("ref", "name", "pilot__ref", "pilot__title")
    autocomplete_fields = ("pilot", "owner")
    fixed = ("pilot",)
    inlines = (BaselineInline, RuleInline)

    def may_edit(self, by: User, row: Any) -> bool:
        return can_edit_pilot(by, row.pilot)

    def serve(self, row: Any, fields: dict[str, Any], **act: Any) -> Tracked:
        return save_metric(pilot_id=row.pilot_id, metric_id=row.pk, fields=fields, **act)


@admin.register(Baseline)
class BaselineAdmin(TrackedAdmin):
    """A draft can be written and finalised here; what is final stays as it is."""

    list_display = (
        "metric",
        "metric__pilot",
        "number",
        "first_day",
        "last_day",
        "value",
        "n",
        "finalised_at",
        "finalised_by",
    )
    list_filter = (("finalised_at", admin.EmptyFieldListFilter), "metric__pilot")
    list_select_related = ("metric__pilot", "finalised_by")
    search_fields = ("metric__ref", "metric__name", "metric__pilot__ref", "metric__pilot__title", "reason")
    date_hierarchy = "finalised_at"
    autocomplete_fields = ("metric",)
    fields = ("metric", "first_day", "last_day", "reason", "seen_version")
    readonly_fields = ("number", "method", "value", "n", "spread", "moments", "finalised_at", "finalised_by")
    fixed = ("metric",)
    actions = ("finalise",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*self.fields, *self.readonly_fields) if obj else self.fields

    def may_edit(self, by: User, row: Any) -> bool:
        return not row.is_final and can_edit_pilot(by, row.metric.pilot)

    def serve(self, row: Any, fields: dict[str, Any], **act: Any) -> Tracked:
        act.pop("seen_version")
        return draft_baseline(metric_id=row.metric_id, first_day=row.first_day, last_day=row.last_day, **act)

    @admin.action(description="Finalise the selected baselines", permissions=("change",))
    def finalise(self, request: HttpRequest, baselines: QuerySet[Baseline]) -> None:
        act_on_each(self, request, baselines.select_related("metric"), finalise)


def finalise(baseline: Baseline, *, by: User, now: Any, **_: Any) -> None:
    finalise_baseline(metric_id=baseline.metric_id, by=by, now=now)


@admin.register(Driver)
class DriverAdmin(TrackedAdmin):
    list_display = (
        "name",
        "ref",
        "pilot",
        "dimension",
        "update_every_days",
        "updated_on",
        "required",
        "owner",
    )
    list_filter = ("required", "dimension", "pilot", "owner")
    list_select_related = ("pilot", "owner")
    search_fields = ("ref", "name", "update_rule", "pilot__ref", "pilot__title")
    autocomplete_fields = ("pilot", "owner")
    readonly_fields = ("answered_on",)
    fixed = ("pilot",)

    def may_edit(self, by: User, row: Any) -> bool:
        return can_edit_pilot(by, row.pilot)

    def serve(self, row: Any, fields: dict[str, Any], **act: Any) -> Tracked:
        return save_driver(pilot_id=row.pilot_id, driver_id=row.pk, fields=fields, **act)


class MetricFormSet(ServedFormSet):
    def save_row(self, form: Any, **act: Any) -> None:
        save_metric(pilot_id=self.instance.pk, metric_id=form.instance.pk, fields=form.given, **act)

    def remove_row(self, row: Any, **act: Any) -> None:
        remove_metric(metric_id=row.pk, **act)


class MetricInline(ServedInline):
    model = Metric
    formset = MetricFormSet
    fields = (
        "ref",
        "name",
        "unit",
        "direction",
        "kind",
        "cadence_days",
        "maturity_days",
        "owner",
        "seen_version",
    )
    autocomplete_fields = ("owner",)


class DriverFormSet(ServedFormSet):
    def save_row(self, form: Any, **act: Any) -> None:
        save_driver(pilot_id=self.instance.pk, driver_id=form.instance.pk, fields=form.given, **act)

    def remove_row(self, row: Any, **act: Any) -> None:
        remove_driver(driver_id=row.pk, **act)


class DriverInline(ServedInline):
    model = Driver
    formset = DriverFormSet
    fields = (
        "ref",
        "name",
        "dimension",
        "update_rule",
        "update_every_days",
        "required",
        "owner",
        "seen_version",
    )
    autocomplete_fields = ("owner",)
