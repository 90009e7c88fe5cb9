"""Scheduled reviews: when, by whom, on what frozen evidence, with what outcome."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from pilots.models.history import Tracked


class ReviewQuerySet(models.QuerySet["Review"]):
    def upcoming(self) -> ReviewQuerySet:
        return self.filter(status__in=(Review.Status.SCHEDULED, Review.Status.IN_REVIEW)).order_by("due_on")

    def missed(self) -> ReviewQuerySet:
        return self.filter(status=Review.Status.MISSED)


class Review(Tracked):
    class Kind(models.TextChoices):
        SCHEDULED = "scheduled", "Scheduled"
        GATE = "gate", "Stage gate"
        POST_ESCALATION = "post_escalation", "After an escalation"
        OUTCOME = "outcome", "Outcome"

    class Status(models.TextChoices):
        SCHEDULED = "scheduled", "Scheduled"
        IN_REVIEW = "in_review", "In review"
        SIGNED_OFF = "signed_off", "Signed off"
        CHANGES_REQUESTED = "changes_requested", "Changes requested"
        MISSED = "missed", "Missed"
        CANCELLED = "cancelled", "Cancelled"

    class Outcome(models.TextChoices):
        CONTINUE = "continue", "Continue"
        ADVANCE = "advance", "Advance the stage"
        HOLD = "hold", "Hold"
        STOP = "stop", "Stop"
        SCALE_UP = "scale_up", "Scale up"
        RE_DECIDE = "re_decide", "Decide again"

    pilot = models.ForeignKey("pilots.Pilot", on_delete=models.PROTECT, related_name="reviews")
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.SCHEDULED)
    status = models.CharField(max_length=18, choices=Status.choices, default=Status.SCHEDULED)
    scheduled_for = models.DateField(editable=False)
    due_on = models.DateField()
    slips = models.PositiveSmallIntegerField(default=0, editable=False)
    reviewer = models.ForeignKey(
        "pilots.User", on_delete=models.PROTECT, null=True, blank=True, related_name="reviews"
    )
    requested_by = models.ForeignKey(
        "pilots.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    packet = models.JSONField(null=True, blank=True, editable=False)
    packet_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    stale_since = models.DateTimeField(null=True, blank=True, editable=False)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    note = models.TextField(blank=True)
    signed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ("due_on", "pk")
        constraints = (
            models.CheckConstraint(
                name="review_reviewer_did_not_ask_for_it",
                condition=Q(reviewer__isnull=True)
                | Q(requested_by__isnull=True)
                | ~Q(reviewer=F("requested_by")),
                violation_error_message="The reviewer is somebody other than who asked for the review.",
            ),
            models.CheckConstraint(
                name="review_signed_says_when_and_what",
                condition=~Q(status="signed_off") | (Q(signed_at__isnull=False) & ~Q(outcome="")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} review of {self.pilot_id}, due {self.due_on}"
