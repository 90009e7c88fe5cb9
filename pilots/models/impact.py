"""What an alert does to customers: assessments, what customers say, what they are told."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from pilots.evaluation.vocabulary import Severity
from pilots.models.history import Tracked
from pilots.models.labels import choices


class Basis(models.TextChoices):
    """What a number rests on. Unknown is not zero."""

    ACTUAL = "actual", "Actual"
    ESTIMATE = "estimate", "Estimate"
    UNKNOWN = "unknown", "Unknown"
    NONE = "none", "None"


def basis() -> models.CharField[str, str]:
    return models.CharField(max_length=8, choices=Basis.choices, default=Basis.UNKNOWN)


class ImpactAssessment(models.Model):
    """One revision of the customer impact of an alert: append-only, the newest counts."""

    class Workaround(models.TextChoices):
        NONE = "none", "None"
        PARTIAL = "partial", "Partial"
        FULL = "full", "Full"

    alert = models.ForeignKey("pilots.Alert", on_delete=models.PROTECT, related_name="assessments")
    at = models.DateTimeField()
    by = models.ForeignKey("pilots.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    accounts = models.PositiveIntegerField("accounts affected", null=True, blank=True)
    accounts_basis = basis()
    share = models.FloatField("share of accounts affected", null=True, blank=True)
    share_basis = basis()
    tickets = models.PositiveIntegerField("support tickets", null=True, blank=True)
    tickets_basis = basis()
    cost = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    cost_currency = models.CharField(max_length=3, blank=True)
    cost_method = models.CharField(max_length=200, blank=True)
    cost_basis = basis()
    criticality = models.PositiveSmallIntegerField(null=True, blank=True)
    criticality_reason = models.CharField(max_length=300, blank=True)
    segments = models.JSONField(default=list, blank=True)
    workaround = models.CharField(max_length=8, choices=Workaround.choices, default=Workaround.NONE)
    reputational = models.JSONField(default=list, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    next_update_at = models.DateTimeField(null=True, blank=True)
    severity = models.CharField(max_length=4, choices=choices(Severity))
    overridden_because = models.TextField(blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ("-at", "-pk")
        constraints = (
            models.CheckConstraint(
                name="impact_criticality_0_to_4",
                condition=Q(criticality__isnull=True) | Q(criticality__lte=4),
                violation_error_message="Criticality is 0 to 4.",
            ),
            models.CheckConstraint(
                name="impact_share_is_a_fraction",
                condition=Q(share__isnull=True) | Q(share__gte=0, share__lte=1),
                violation_error_message="The share is between 0%% and 100%%.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.alert_id} {self.severity} {self.at:%Y-%m-%d %H:%M}"


class CustomerFeedback(Tracked):
    class Sentiment(models.TextChoices):
        NEGATIVE = "negative", "Negative"
        NEUTRAL = "neutral", "Neutral"
        POSITIVE = "positive", "Positive"

    class Triage(models.TextChoices):
        WAITING = "waiting", "Waiting"
        ACCEPTED = "accepted", "Accepted"
        REJECTED = "rejected", "Rejected"
        DUPLICATE = "duplicate", "Duplicate"

    alert = models.ForeignKey("pilots.Alert", on_delete=models.PROTECT, related_name="feedback")
    received_at = models.DateTimeField()
    channel = models.CharField(max_length=40)
    segment = models.CharField(max_length=120, blank=True)
    sentiment = models.CharField(max_length=8, choices=Sentiment.choices, default=Sentiment.NEGATIVE)
    text = models.TextField()
    tickets = models.PositiveIntegerField("tickets represented", default=1)
    triage = models.CharField(max_length=10, choices=Triage.choices, default=Triage.WAITING)

    class Meta:
        ordering = ("-received_at",)
        verbose_name_plural = "customer feedback"

    def __str__(self) -> str:
        return f"{self.channel}, {self.received_at:%Y-%m-%d}"


class CustomerNotice(Tracked):
    class Status(models.TextChoices):
        INVESTIGATING = "investigating", "Investigating"
        IDENTIFIED = "identified", "Identified"
        MONITORING = "monitoring", "Monitoring"
        RESOLVED = "resolved", "Resolved"

    class State(models.TextChoices):
        DRAFTED = "drafted", "Drafted"
        APPROVED = "approved", "Approved"
        SENT = "sent", "Sent"

    alert = models.ForeignKey("pilots.Alert", on_delete=models.PROTECT, related_name="notices")
    status = models.CharField(max_length=14, choices=Status.choices, default=Status.INVESTIGATING)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFTED, editable=False)
    segments = models.JSONField("for segments", default=list, blank=True)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    notify = models.BooleanField("send to subscribers", default=True)
    drafted_by = models.ForeignKey("pilots.User", on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(
        "pilots.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    sent_at = models.DateTimeField(null=True, blank=True, editable=False)
    next_update_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.subject
