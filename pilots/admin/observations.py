from __future__ import annotations

from django.contrib import admin

from pilots.admin.read_only import ReadOnlyAdmin
from pilots.models import AccountShare, ImportJob, Observation, ReadingRevision


@admin.register(Observation)
class ObservationAdmin(ReadOnlyAdmin):
    """Readings come in by file, page or API, where each correction leaves its revision."""

    list_display = ("day", "metric", "metric__pilot", "segment", "arm", "n", "total", "as_of", "source")
    list_filter = ("arm", "metric__pilot")
    list_select_related = ("metric__pilot",)
    search_fields = ("metric__ref", "metric__name", "metric__pilot__ref", "segment", "source")
    date_hierarchy = "day"
    ordering = ("-day", "metric", "segment")


@admin.register(ReadingRevision)
class ReadingRevisionAdmin(ReadOnlyAdmin):
    list_display = ("day", "metric", "metric__pilot", "segment", "kind", "n", "total", "as_of", "by")
    list_filter = ("kind", "arm", "metric__pilot")
    list_select_related = ("metric__pilot", "by")
    search_fields = ("metric__ref", "metric__name", "metric__pilot__ref", "segment", "source", "reason")
    date_hierarchy = "day"
    ordering = ("-received_at", "-pk")


@admin.register(AccountShare)
class AccountShareAdmin(ReadOnlyAdmin):
    """What single accounts brought to a reading, by a fingerprint of each."""

    list_display = ("day", "metric", "metric__pilot", "segment", "arm", "account", "n", "total", "as_of")
    list_filter = ("arm", "metric__pilot")
    list_select_related = ("metric__pilot",)
    search_fields = ("metric__ref", "metric__pilot__ref", "segment", "account")
    date_hierarchy = "day"
    ordering = ("-day", "metric", "segment", "account")


@admin.register(ImportJob)
class ImportJobAdmin(ReadOnlyAdmin):
    """Files that people sent to a pilot's page, and what became of their rows."""

    list_display = ("name", "pilot", "by", "state", "rows_done", "rows_total", "created_at", "ended_at")
    list_filter = ("state", "pilot")
    list_select_related = ("pilot", "by")
    search_fields = ("name", "pilot__ref", "by__name", "correction_reason")
    exclude = ("content", "rows", "accounts", "shown")
