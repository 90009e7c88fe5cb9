"""The people, what they are to a decision or a pilot, and the tokens of their machines."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from pilots.models.history import Tracked


class UserManager(BaseUserManager["User"]):
    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a person. Without a password they can't sign in until invited."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username or "")


class User(AbstractUser):
    """A person. The address is the login; it is kept in lower case."""

    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField("email address", unique=True)
    name = models.CharField(max_length=120, blank=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()  # type: ignore[misc,assignment]
    history = HistoricalRecords(excluded_fields=["password", "last_login"])

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="user_email_lower_case",
                condition=Q(email=models.functions.Lower("email")),
                violation_error_message="Write the address in lower case.",
            ),
        )

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)


class Role(models.TextChoices):
    DECISION_OWNER = "decision_owner", "Decision owner"
    DEPUTY = "deputy", "Deputy"
    DECISION_MAKER = "decision_maker", "Decision maker"
    CONSULTED = "consulted", "Consulted"
    PILOT_OWNER = "pilot_owner", "Pilot owner"
    METRIC_OWNER = "metric_owner", "Metric owner"
    REVIEWER = "reviewer", "Reviewer"
    ESCALATION_CONTACT = "escalation_contact", "Escalation contact"
    COMMUNICATOR = "communicator", "Customer communicator"
    INFORMED = "informed", "Informed"


class Membership(Tracked):
    """What one person is to one decision or one pilot."""

    user = models.ForeignKey("pilots.User", on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    decision = models.ForeignKey(
        "pilots.Decision", on_delete=models.CASCADE, null=True, blank=True, related_name="memberships"
    )
    pilot = models.ForeignKey(
        "pilots.Pilot", on_delete=models.CASCADE, null=True, blank=True, related_name="memberships"
    )

    class Meta:
        ordering = ("role", "user__name", "user__email")
        constraints = (
            models.CheckConstraint(
                name="membership_of_a_decision_or_a_pilot",
                condition=Q(decision__isnull=False, pilot__isnull=True)
                | Q(decision__isnull=True, pilot__isnull=False),
                violation_error_message="A role belongs to one decision or to one pilot.",
            ),
            models.UniqueConstraint(
                name="membership_once_per_decision",
                fields=("decision", "user", "role"),
                condition=Q(decision__isnull=False),
            ),
            models.UniqueConstraint(
                name="membership_once_per_pilot",
                fields=("pilot", "user", "role"),
                condition=Q(pilot__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display().lower()}"


class ApiToken(Tracked):
    """A machine's key. Only its SHA-256 is kept; the key itself is shown once."""

    user = models.ForeignKey("pilots.User", on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    key_id = models.CharField(max_length=8, unique=True)
    sha256 = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.name} (pdt_{self.key_id}_…)"
