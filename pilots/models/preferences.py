"""How a person likes to be told."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from pilots.models.history import Tracked


class Preference(Tracked):
    """One person's choices. SEV1, SEV2 and stop conditions reach them whatever is chosen here."""

    user = models.OneToOneField("pilots.User", on_delete=models.CASCADE, related_name="preference")
    muted = models.JSONField("not wanted", default=list, blank=True, help_text="Kinds of alert.")
    digest = models.JSONField("in a weekly digest", default=list, blank=True, help_text="Kinds of alert.")
    digest_weekday = models.PositiveSmallIntegerField(default=0, help_text="0 is Monday.")
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_to = models.TimeField(null=True, blank=True)
    timezone = models.CharField("time zone", max_length=60, default="UTC")

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="preference_weekday",
                condition=Q(digest_weekday__lte=6),
                violation_error_message="0 to 6",
            ),
            models.CheckConstraint(
                name="preference_quiet_has_both_ends",
                condition=Q(quiet_from__isnull=True, quiet_to__isnull=True)
                | Q(quiet_from__isnull=False, quiet_to__isnull=False),
                violation_error_message="Quiet hours need a beginning and an end.",
            ),
        )

    def __str__(self) -> str:
        return f"How {self.user} is told"
