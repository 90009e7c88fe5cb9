from __future__ import annotations

from django.contrib import admin

from pilots.admin.read_only import ReadOnlyAdmin, ReadOnlyInline
from pilots.models import Alert, AlertEvent


class EventInline(ReadOnlyInline):
    model = AlertEvent
    fields = ("at", "kind", "actor", "from_status", "to_status", "note")


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    """People act on an alert on its page, where the timeline gets their reason."""

    list_display = ("ref", "severity", "kind", "status", "pilot", "sentence", "opened_at", "owner")
    list_filter = ("status", "severity", "kind", "pilot")
    list_select_related = ("pilot", "owner")
    search_fields = ("sentence", "pilot__ref", "pilot__title", "condition__ref", "condition__name")
    date_hierarchy = "opened_at"
    inlines = (EventInline,)


@admin.register(AlertEvent)
class AlertEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "kind", "alert", "alert__pilot", "actor", "note")
    list_filter = ("kind", "alert__pilot")
    list_select_related = ("alert__pilot", "actor")
    search_fields = ("note", "alert__sentence", "alert__pilot__ref")
    date_hierarchy = "at"
