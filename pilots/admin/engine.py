"""What the engine notes of itself."""

from __future__ import annotations

from django.contrib import admin

from pilots.admin.read_only import ReadOnlyAdmin
from pilots.models import ChannelState, Pulse


@admin.register(Pulse)
class PulseAdmin(ReadOnlyAdmin):
    list_display = ("name", "at", "took_ms", "facts")
    search_fields = ("name",)


@admin.register(ChannelState)
class ChannelStateAdmin(ReadOnlyAdmin):
    list_display = ("channel", "shut_since", "shut_until", "failures", "reason")
    search_fields = ("channel", "reason")
