"""Who is told next, where messages go, and what people decided to live with."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.contrib import admin, messages
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest

from pilots.admin.conditions import WordsField
from pilots.admin.history import HistoryAdmin
from pilots.admin.read_only import ReadOnly, ReadOnlyAdmin
from pilots.admin.tracked import (
    ServedFormSet,
    ServedInline,
    TrackedAdmin,
    VersionForm,
    act_of,
    signed_in,
)
from pilots.models import Continuance, Destination, EscalationPolicy, EscalationStep, Preference, User
from pilots.permissions import NotAllowed, can_edit_pilot, can_edit_policies
from pilots.services.connecting import make_secret
from pilots.services.policies import save_policy

OF_A_STEP = ("notify", "wait_minutes", "working_time")


class StepForm(VersionForm):
    notify = WordsField(
        label="Who is told", help_text="Roles, addresses, or to:NAME of a destination, with commas."
    )


class StepFormSet(ServedFormSet):
    @property
    def steps(self) -> list[dict[str, Any]]:
        """The steps that stay, in the order they were given."""
        rows = sorted(self.rows, key=lambda row: row.cleaned_data["order"])
        return [{name: row.cleaned_data[name] for name in OF_A_STEP} for row in rows]


class StepInline(ServedInline):
    model = EscalationStep
    form = StepForm
    formset = StepFormSet
    fields = ("order", "notify", "wait_minutes", "working_time", "seen_version")


@admin.register(EscalationPolicy)
class EscalationPolicyAdmin(TrackedAdmin):
    list_display = ("name", "pilot", "is_default")
    list_filter = ("is_default", "pilot")
    list_select_related = ("pilot",)
    search_fields = ("name", "pilot__ref", "pilot__title")
    autocomplete_fields = ("pilot",)
    fixed = ("pilot",)
    inlines = (StepInline,)

    def may_edit(self, by: User, row: Any) -> bool:
        return can_edit_policies(by) if row.pilot is None else can_edit_pilot(by, row.pilot)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Wait for the steps: a policy and its steps are one act."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        policy, (steps,) = form.instance, formsets
        steps.save(commit=False)
        saved = save_policy(
            policy_id=policy.pk if change else None,
            pilot_id=policy.pilot_id,
            name=policy.name,
            is_default=policy.is_default,
            steps=steps.steps,
            seen_version=form.cleaned_data["seen_version"],
            **act_of(request, form),
        )
        policy.pk = saved.pk


@admin.register(EscalationStep)
class EscalationStepAdmin(ReadOnly, HistoryAdmin):
    """Shown here with its history; changed on its policy's page, together with the other steps."""

    list_display = ("policy", "order", "notify", "wait_minutes", "working_time")
    list_filter = ("working_time",)
    list_select_related = ("policy",)
    search_fields = ("policy__name", "policy__pilot__ref", "policy__pilot__title")


@admin.register(Destination)
class DestinationAdmin(TrackedAdmin):
    """A chat room's address is the key to the room: only who may change it sees all of it."""

    list_display = ("name", "channel", "host", "active")
    list_filter = ("channel", "active")
    search_fields = ("name",)
    fixed = ("name",)
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    actions: Any = ("make_a_new_secret",)

    @admin.action(description="Make a new secret", permissions=("change",))
    def make_a_new_secret(self, request: HttpRequest, places: QuerySet[Destination]) -> None:
        for place in places:
            try:
                secret = make_secret(destination_id=place.pk, by=signed_in(request))
            except NotAllowed as refusal:
                self.message_user(request, f"{place}: {refusal}", messages.ERROR)
            else:
                shown = f"{place}: {secret} It is shown only now, and the old one no longer matches."
                self.message_user(request, shown, messages.SUCCESS)

    @admin.display(description="address")
    def host(self, destination: Destination) -> str:
        return urlsplit(destination.url).hostname or ""

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = list(super().get_fields(request, obj))
        if self.has_change_permission(request, obj):
            return fields
        return ["host" if name == "url" else name for name in fields]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*super().get_readonly_fields(request, obj), "host")


@admin.register(Preference)
class PreferenceAdmin(ReadOnly, HistoryAdmin):
    """People choose on their own page how they are told."""

    list_display = ("user", "muted", "digest", "quiet_from", "quiet_to", "timezone")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")


@admin.register(Continuance)
class ContinuanceAdmin(ReadOnlyAdmin):
    list_display = ("decided_on", "condition", "scope", "until", "limit", "by", "reason")
    list_filter = ("condition__pilot",)
    list_select_related = ("condition", "by")
    search_fields = ("reason", "condition__ref", "condition__name", "condition__pilot__ref")
    date_hierarchy = "decided_on"
