from __future__ import annotations

from django.contrib import admin

from pilots.admin.history import HistoryAdmin
from pilots.admin.read_only import ReadOnly
from pilots.models import Review


@admin.register(Review)
class ReviewAdmin(ReadOnly, HistoryAdmin):
    """A review is scheduled with its pilot and closed by its outcome, never typed in."""

    list_display = (
        "pilot",
        "kind",
        "due_on",
        "status",
        "reviewer",
        "outcome",
        "slips",
        "signed_at",
        "stale_since",
    )
    list_filter = ("status", "kind", "outcome", "reviewer", "pilot")
    list_select_related = ("pilot", "reviewer")
    search_fields = ("pilot__ref", "pilot__title", "note", "reviewer__name", "reviewer__email")
    date_hierarchy = "due_on"
