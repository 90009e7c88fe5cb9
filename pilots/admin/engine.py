"""What the engine notes of itself, and what an inspection finds at this moment."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from pilots.admin.read_only import ReadOnlyAdmin
from pilots.models import ChannelState, Pulse
from pilots.services.inspecting import inspect_engine


@admin.register(Pulse)
class PulseAdmin(ReadOnlyAdmin):
    change_list_template = "admin/pulse_list.html"
    list_display = ("name", "at", "took_ms", "did")

    @admin.display(description="what it did")
    def did(self, pulse: Pulse) -> str:
        if "counts" in pulse.facts:
            return f"found {sum(pulse.facts['counts'].values())}"
        return f"{pulse.facts.get('done', 0)} done"

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        found = {"title": "How the engine does", "findings": inspect_engine(now=timezone.now())}
        return super().changelist_view(request, found | (extra_context or {}))


@admin.register(ChannelState)
class ChannelStateAdmin(ReadOnlyAdmin):
    list_display = ("channel", "shut_since", "shut_until", "failures", "reason")
    search_fields = ("channel", "reason")
