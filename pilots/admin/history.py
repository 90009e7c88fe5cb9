"""The versions of a row, in words: who, when, what changed and why. A past version is only read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format, localize
from django.utils.text import capfirst
from simple_history.admin import SimpleHistoryAdmin

NOT_SHOWN = ("version", "password", "sha256", "secret")
NOTHING = "—"


@dataclass(frozen=True)
class Change:
    field: str
    old: str
    new: str


class HistoryAdmin(SimpleHistoryAdmin):  # type: ignore[misc]  # simple-history has no types
    object_history_template: Any = "admin/history.html"
    history_list_per_page = 50
    list_per_page = 50
    show_full_result_count = False

    def revert_disabled(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """A past version comes back by editing, through the service and with a reason."""
        return True

    def set_history_delta_changes(self, request: HttpRequest, historical_records: Any, **_: Any) -> None:
        records = list(historical_records)
        if records:
            records.append(records[-1].prev_record)
        for record, earlier in pairwise(records):
            record.changes = changes_between(earlier, record) if earlier else []

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None
    ) -> HttpResponse:
        if request.method != "GET":
            raise PermissionDenied
        key = {self.opts.pk.attname: object_id, "history_id": version_id}
        record = get_object_or_404(self.model.history.model, **key)
        if not self.has_view_or_change_permission(request, record.instance):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": f"{record.instance} as saved",
            "opts": self.opts,
            "record": record,
            "values": values_of(record),
            "object_id": object_id,
        }
        return TemplateResponse(request, "admin/version.html", context)


def changes_between(old: Any, new: Any) -> list[Change]:
    """Return the fields that differ between two versions of one row, with the names people know.

    The library's own comparison leaves out what no form edits, such as a status.
    """
    differ = [f for f in shown_fields(new) if getattr(old, f.attname) != getattr(new, f.attname)]
    return [Change(title_of(f), in_words(f, value_of(old, f)), in_words(f, value_of(new, f))) for f in differ]


def values_of(record: Any) -> list[tuple[str, str]]:
    return [(title_of(f), in_words(f, value_of(record, f))) for f in shown_fields(record)]


def shown_fields(record: Any) -> list[models.Field[Any, Any]]:
    return [f for f in record.tracked_fields if f.name not in NOT_SHOWN and not f.primary_key]


def value_of(record: Any, field: models.Field[Any, Any]) -> Any:
    key = getattr(record, field.attname)
    try:
        value = getattr(record, field.name)
    except ObjectDoesNotExist:
        value = None
    return f"{field.verbose_name} {key}, removed since" if value is None and key is not None else value


def title_of(field: models.Field[Any, Any]) -> str:
    return capfirst(str(field.verbose_name))


def in_words(field: models.Field[Any, Any], value: Any) -> str:
    if value in (None, "", [], {}):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "j M Y, H:i")
    if isinstance(field, models.URLField):
        return urlsplit(value).hostname or NOTHING  # the rest of a chat room's address is its key
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    return str(localize(value))
