from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db.models import QuerySet
from django.http import HttpRequest

from pilots.admin.history import HistoryAdmin
from pilots.admin.read_only import ReadOnly
from pilots.admin.tracked import ReasonForm, ServedFormSet, ServedInline, act_on_each, signed_in
from pilots.models import ApiToken, Membership, Role, User
from pilots.services.deciding import set_decision_people
from pilots.services.piloting import set_people
from pilots.services.tokens import revoke_token

RIGHTS = ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")


if TYPE_CHECKING:
    NewUserForm = AdminUserCreationForm[User]
    StockUserAdmin = UserAdmin[User]
else:
    NewUserForm = AdminUserCreationForm
    StockUserAdmin = UserAdmin


class PersonForm(NewUserForm):
    class Meta:
        model = User
        fields = ("email", "name")


@admin.register(User)
class PersonAdmin(HistoryAdmin, StockUserAdmin):
    """People sign in by address. Who may do what here is given by a superuser only."""

    add_form = PersonForm
    list_display = ("email", "name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser", "groups")
    search_fields = ("email", "name")
    ordering = ("email",)
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        ("Rights", {"fields": RIGHTS}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "usable_password", "password1", "password2")}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        read_only = tuple(super().get_readonly_fields(request, obj))
        return read_only if signed_in(request).is_superuser else (*read_only, *RIGHTS)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """People stay in the records they made; an account is closed by taking "active" away."""
        return False


@admin.register(Membership)
class MembershipAdmin(ReadOnly, HistoryAdmin):
    """Roles are given on the page of the decision or the pilot."""

    list_display = ("user", "role", "decision", "pilot")
    list_filter = ("role", "pilot")
    list_select_related = ("user", "decision", "pilot")
    search_fields = ("user__email", "user__name", "decision__ref", "pilot__ref")


class PeopleFormSet(ServedFormSet):
    """Who has which role: all of them at once, so that a reviewer can't also become an owner."""

    def serve(self, *, by: User, reason: str, now: datetime) -> None:
        self.save(commit=False)
        if not (self.saved_forms or self.deleted_objects):
            return
        people: dict[str, list[str]] = {role: [] for role in Role.values}
        for row in self.rows:
            people[row.cleaned_data["role"]].append(row.cleaned_data["user"].email)
        self.assign(people, by=by, reason=reason, now=now)

    def assign(self, people: dict[str, list[str]], **act: Any) -> None:
        raise NotImplementedError


class DecisionPeopleFormSet(PeopleFormSet):
    def assign(self, people: dict[str, list[str]], **act: Any) -> None:
        set_decision_people(decision_id=self.instance.pk, people=people, **act)


class PilotPeopleFormSet(PeopleFormSet):
    def assign(self, people: dict[str, list[str]], **act: Any) -> None:
        set_people(pilot_id=self.instance.pk, people=people, **act)


class DecisionPeopleInline(ServedInline):
    model = Membership
    formset: Any = DecisionPeopleFormSet
    fields = ("user", "role", "seen_version")
    autocomplete_fields = ("user",)
    verbose_name, verbose_name_plural = "person", "people"


class PilotPeopleInline(DecisionPeopleInline):
    formset = PilotPeopleFormSet


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnly, HistoryAdmin):
    """A key is shown once, where it is made; here it can only be seen to exist and be revoked."""

    list_display = (
        "name",
        "user",
        "key_id",
        "scopes",
        "created_at",
        "expires_at",
        "last_used_at",
        "revoked_at",
    )
    list_filter = (("revoked_at", admin.EmptyFieldListFilter), "expires_at")
    list_select_related = ("user",)
    search_fields = ("name", "key_id", "user__email", "user__name")
    date_hierarchy = "created_at"
    exclude = ("sha256",)
    action_form = ReasonForm
    actions: Any = ("revoke",)

    @admin.action(description="Revoke the selected tokens", permissions=("revoke",))
    def revoke(self, request: HttpRequest, tokens: QuerySet[ApiToken]) -> None:
        act_on_each(self, request, tokens, lambda token, **act: revoke_token(token_id=token.pk, **act))

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return signed_in(request).has_perm("pilots.change_apitoken")
