from __future__ import annotations

from django.contrib import admin

from pilots.admin.read_only import ReadOnlyAdmin
from pilots.models import Notification


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    list_display = ("recipient", "subject", "state", "because", "created_at", "sent_at", "attempts")
    list_filter = ("state", "channel", "because")
    search_fields = ("recipient", "subject", "state_reason")
    date_hierarchy = "created_at"
    # A message holds the link that answers in its reader's name; the outbox page shows the text without it.
    exclude = ("html", "text", "facts", "chart_svg")
