"""What people edit: the form asks why, the service decides, and a refusal is shown in the form."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.contrib import messages
from django.contrib.admin import options
from django.contrib.admin.helpers import ActionForm
from django.db import models
from django.forms.models import InlineForeignKeyField
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from pilots.admin.history import HistoryAdmin
from pilots.models import Tracked, User
from pilots.permissions import NotAllowed
from pilots.services.errors import Reason, Refused

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
    InlineFormSet = forms.BaseInlineFormSet[Any, Any, Any]
    InlineModelAdmin = options.InlineModelAdmin[models.Model, models.Model]
else:
    ModelForm, InlineFormSet = forms.ModelForm, forms.BaseInlineFormSet
    InlineModelAdmin = options.InlineModelAdmin


ASKED = ("reason", "seen_version")  # what a form asks for besides the row's own fields


def signed_in(request: HttpRequest) -> User:
    return cast(User, request.user)


class VersionForm(ModelForm):
    """Carries the version that was shown, so that nobody saves over what they have not seen."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["seen_version"] = self.instance.version

    def has_changed(self) -> bool:
        return bool(set(self.changed_data) - {"seen_version"})

    @property
    def given(self) -> dict[str, Any]:
        """The row's own fields as they were filled in."""
        editable = {f.name for f in self.instance._meta.fields if f.editable and not f.primary_key}
        parents = {name for name, field in self.fields.items() if isinstance(field, InlineForeignKeyField)}
        return {name: self.cleaned_data[name] for name in self.cleaned_data.keys() & (editable - parents)}


class TrackedForm(VersionForm):
    reason = forms.CharField(
        label="Why",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Kept in the history. Needed once the pilot runs or the decision is taken.",
    )
    refusal: ClassVar[Refused | NotAllowed | None] = None

    def clean(self) -> dict[str, Any] | None:
        super().clean()
        for reason in reasons_of(self.refusal):
            self.add_error(reason.field if reason.field in self.fields else None, reason.text)
        return self.cleaned_data


def reasons_of(refusal: Refused | NotAllowed | None) -> Iterable[Reason]:
    if refusal is None:
        return ()
    return refusal.reasons if isinstance(refusal, Refused) else (Reason(str(refusal)),)


class ServedFormSet(InlineFormSet):
    """Rows of one page, each saved or removed by its service."""

    @property
    def rows(self) -> list[Any]:
        """The forms of the rows that stay, changed or not."""
        return [form for form in self.forms if form.cleaned_data and form not in self.deleted_forms]

    def serve(self, *, by: User, reason: str, now: datetime) -> None:
        self.save(commit=False)  # only tells which rows are new, changed or removed
        for form in self.saved_forms:
            seen = form.cleaned_data["seen_version"]
            act = {"seen_version": seen, "by": by, "reason": reason, "now": now}
            with_name(form.instance, self.save_row, form, **act)
        for row in self.deleted_objects:
            with_name(row, self.remove_row, row, by=by, reason=reason, now=now)

    def save_row(self, form: Any, **act: Any) -> None:
        raise NotImplementedError

    def remove_row(self, row: Any, **act: Any) -> None:
        raise NotImplementedError


def with_name(row: Tracked, act: Callable[..., None], *args: Any, **kwargs: Any) -> None:
    """Act on one row of several; a refusal then says which row it is about."""
    try:
        act(*args, **kwargs)
    except Refused as refusal:
        named = (Reason(f"{row}: {r.text}", r.where) for r in refusal.reasons if r.field != "reason")
        plain = (r for r in refusal.reasons if r.field == "reason")
        raise Refused(*named, *plain) from refusal


class ReasonForm(ActionForm):
    reason = forms.CharField(label="Why", required=False, max_length=400)


class TrackedAdmin(HistoryAdmin):
    form = TrackedForm
    action_form = ReasonForm
    fixed: ClassVar[tuple[str, ...]] = ()  # what a row keeps from its first save on

    def serve(self, row: Any, fields: dict[str, Any], **act: Any) -> Tracked:
        """Save one row through its service. Models without a law of their own are just saved."""
        row.explain(by=act["by"], reason=act["reason"])
        row.save()
        return cast(Tracked, row)

    def may_edit(self, by: User, row: Any) -> bool:
        return True

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change and not form.has_changed():
            return
        seen = form.cleaned_data["seen_version"]
        obj.pk = self.serve(obj, form.given, seen_version=seen, **act_of(request, form)).pk

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        if isinstance(formset, ServedFormSet):
            formset.serve(**act_of(request, form))
        else:
            formset.save(commit=False)  # read-only rows: tells the admin's log that none changed

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form again with what a service refused; its transaction has been rolled back."""
        try:
            return cast(HttpResponse, super().changeform_view(request, *args, **kwargs))
        except (Refused, NotAllowed) as refusal:
            request.refusal = refusal  # type: ignore[attr-defined]  # for the form of the second round
            return cast(HttpResponse, super().changeform_view(request, *args, **kwargs))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"refusal": getattr(request, "refusal", None)})

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for no reason where nothing can be changed."""
        shown = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return shown
        return [(name, {**of, "fields": [f for f in of["fields"] if f not in ASKED]}) for name, of in shown]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        read_only = tuple(super().get_readonly_fields(request, obj))
        return (*read_only, *self.fixed) if obj else read_only

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = bool(super().has_change_permission(request, obj))
        return allowed and (obj is None or self.may_edit(signed_in(request), obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is deleted here: rows are retired, closed or superseded by an act that says why."""
        return False


def act_on_each(
    rows_admin: HistoryAdmin, request: HttpRequest, rows: Iterable[Any], act: Callable[..., object]
) -> None:
    """Run an act over the selected rows, each in its own transaction, and say how each went."""
    reason, by = request.POST.get("reason", ""), signed_in(request)
    for row in rows:
        try:
            act(row, by=by, reason=reason, now=timezone.now())
        except (Refused, NotAllowed) as refusal:
            rows_admin.message_user(request, f"{row}: {refusal}", messages.ERROR)
        else:
            rows_admin.message_user(request, f"{row}: done.", messages.SUCCESS)


def act_of(request: HttpRequest, form: Any) -> dict[str, Any]:
    return {"by": signed_in(request), "reason": form.cleaned_data["reason"], "now": timezone.now()}


class ServedInline(InlineModelAdmin):
    """Rows edited on their parent's page, by whoever may edit the parent."""

    template = "admin/edit_inline/tabular.html"
    form = VersionForm
    formset: Any = ServedFormSet
    extra = 0
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and self.may_edit(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self.may_edit(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self.may_edit(request, obj)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        editable = self.has_change_permission(request, obj)
        return [name for name in super().get_fields(request, obj) if editable or name not in ASKED]

    def may_edit(self, request: HttpRequest, parent: Any) -> bool:
        whose: Any = self.admin_site.get_model_admin(self.parent_model)
        return parent is None or bool(whose.may_edit(signed_in(request), parent))
