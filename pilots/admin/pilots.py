from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from pilots.admin.conditions import StopInline, ThresholdInline, TriggerInline
from pilots.admin.metrics import DriverInline, MetricInline
from pilots.admin.people import PilotPeopleInline
from pilots.admin.read_only import ReadOnlyAdmin
from pilots.admin.tracked import ServedFormSet, ServedInline, TrackedAdmin, act_on_each
from pilots.models import Pilot, PilotMove, Stage, Tracked, User
from pilots.permissions import can_edit_pilot
from pilots.services import piloting
from pilots.services.staging import remove_stage, save_stage

STAGE_STATUS = ("status", "started_on", "ended_on", "skipped_because")


class StageFormSet(ServedFormSet):
    def save_row(self, form: Any, **act: Any) -> None:
        save_stage(pilot_id=self.instance.pk, stage_id=form.instance.pk, fields=form.given, **act)

    def remove_row(self, row: Any, **act: Any) -> None:
        remove_stage(pilot_id=self.instance.pk, stage_id=row.pk, **act)


class StageInline(ServedInline):
    model = Stage
    formset = StageFormSet
    fields = (
        "order",
        "name",
        "exposure_share",
        "min_days",
        "min_sample",
        "planned_start",
        "planned_end",
        "status",
        "seen_version",
    )
    readonly_fields = ("status",)


@admin.register(Pilot)
class PilotAdmin(TrackedAdmin):
    """A pilot moves by an act with a reason; its status is never typed in."""

    list_display = ("ref", "title", "status", "verdict", "decision", "start", "end", "simulated")
    list_filter = ("status", "state__verdict", "simulated", "decision")
    list_select_related = ("decision", "state")
    search_fields = ("ref", "title", "hypothesis", "decision__ref", "decision__title")
    date_hierarchy = "start"
    autocomplete_fields = ("decision",)
    readonly_fields = ("status", "started_at", "ended_at", "returned_to", "simulated")
    fixed = ("decision", "ref")
    inlines = (
        StageInline,
        MetricInline,
        DriverInline,
        ThresholdInline,
        StopInline,
        TriggerInline,
        PilotPeopleInline,
    )
    actions = ("mark_ready", "start", "pause", "resume")

    def may_edit(self, by: User, row: Any) -> bool:
        return can_edit_pilot(by, row)

    def serve(self, row: Any, fields: dict[str, Any], **act: Any) -> Tracked:
        if row.pk is None:
            by, now = act["by"], act["now"]
            return piloting.create_pilot(decision_id=row.decision_id, fields=fields, by=by, now=now)
        on, every_days = fields.pop("first_review_on"), fields.pop("review_every_days")
        pilot = piloting.change_pilot(pilot_id=row.pk, fields=fields, **act)
        act.pop("seen_version")
        return piloting.schedule_first_review(pilot_id=pilot.pk, on=on, every_days=every_days, **act)

    @admin.display(ordering="state__verdict")
    def verdict(self, pilot: Pilot) -> str:
        return pilot.state.get_verdict_display() if hasattr(pilot, "state") else ""

    @admin.action(description="Mark the selected pilots as ready", permissions=("change",))
    def mark_ready(self, request: HttpRequest, pilots: QuerySet[Pilot]) -> None:
        act_on_each(self, request, pilots, moving(piloting.mark_ready))

    @admin.action(description="Start the selected pilots", permissions=("change",))
    def start(self, request: HttpRequest, pilots: QuerySet[Pilot]) -> None:
        act_on_each(self, request, pilots, moving(piloting.start_pilot))

    @admin.action(description="Pause the selected pilots", permissions=("change",))
    def pause(self, request: HttpRequest, pilots: QuerySet[Pilot]) -> None:
        act_on_each(self, request, pilots, moving(piloting.pause_pilot))

    @admin.action(description="Resume the selected pilots", permissions=("change",))
    def resume(self, request: HttpRequest, pilots: QuerySet[Pilot]) -> None:
        act_on_each(self, request, pilots, moving(piloting.resume_pilot))


def moving(move: Callable[..., object]) -> Callable[..., object]:
    return lambda pilot, **act: move(pilot_id=pilot.pk, **act)


@admin.register(Stage)
class StageAdmin(TrackedAdmin):
    list_display = ("name", "pilot", "order", "status", "started_on", "planned_end", "exposure_share")
    list_filter = ("status", "pilot")
    list_select_related = ("pilot",)
    search_fields = ("name", "pilot__ref", "pilot__title")
    date_hierarchy = "started_on"
    autocomplete_fields = ("pilot",)
    readonly_fields = STAGE_STATUS
    fixed = ("pilot",)

    def may_edit(self, by: User, row: Any) -> bool:
        return can_edit_pilot(by, row.pilot)

    def serve(self, row: Any, fields: dict[str, Any], **act: Any) -> Tracked:
        return save_stage(pilot_id=row.pilot_id, stage_id=row.pk, fields=fields, **act)


@admin.register(PilotMove)
class PilotMoveAdmin(ReadOnlyAdmin):
    list_display = ("at", "pilot", "stage", "from_status", "to_status", "actor", "verdict", "reason")
    list_filter = ("to_status", "pilot")
    list_select_related = ("pilot", "stage", "by")
    search_fields = ("pilot__ref", "pilot__title", "reason")
    date_hierarchy = "at"
