from __future__ import annotations

from django.contrib import admin

from pilots.admin.history import HistoryAdmin
from pilots.admin.read_only import ReadOnly, ReadOnlyAdmin
from pilots.models import CustomerFeedback, CustomerNotice, ImpactAssessment


@admin.register(ImpactAssessment)
class ImpactAssessmentAdmin(ReadOnlyAdmin):
    """A new estimate is a new revision; what was believed before stays."""

    list_display = ("at", "alert", "severity", "accounts", "tickets", "cost", "cost_currency", "by")
    list_filter = ("severity", "workaround", "alert__pilot")
    list_select_related = ("alert", "by")
    search_fields = ("note", "alert__sentence", "alert__pilot__ref")
    date_hierarchy = "at"


@admin.register(CustomerFeedback)
class CustomerFeedbackAdmin(ReadOnly, HistoryAdmin):
    list_display = ("received_at", "alert", "channel", "segment", "sentiment", "tickets", "triage")
    list_filter = ("triage", "sentiment", "channel", "alert__pilot")
    list_select_related = ("alert",)
    search_fields = ("text", "segment", "alert__sentence", "alert__pilot__ref")
    date_hierarchy = "received_at"


@admin.register(CustomerNotice)
class CustomerNoticeAdmin(ReadOnly, HistoryAdmin):
    list_display = ("subject", "alert", "status", "state", "drafted_by", "approved_by", "sent_at")
    list_filter = ("state", "status", "alert__pilot")
    list_select_related = ("alert", "drafted_by", "approved_by")
    search_fields = ("subject", "body", "alert__sentence", "alert__pilot__ref")
    date_hierarchy = "sent_at"
