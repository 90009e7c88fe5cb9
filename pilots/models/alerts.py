"""Alerts: one episode of something that needs a person, and its timeline."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from pilots.evaluation.vocabulary import Severity
from pilots.models.labels import choices
from pilots.models.people import User


class AlertQuerySet(models.QuerySet["Alert"]):
    def unresolved(self) -> AlertQuerySet:
        return self.exclude(status=Alert.Status.RESOLVED)

    def visible_to(self, user: User) -> AlertQuerySet:
        from pilots.models.pilots import Pilot

        return self.filter(pilot__in=Pilot.objects.visible_to(user))


class Alert(models.Model):
    class Kind(models.TextChoices):
        STOP_CONDITION = "stop_condition", "Stop condition"
        ESCALATION_TRIGGER = "escalation_trigger", "Escalation trigger"
        SCALE_UP = "scale_up", "Scale up"
        DRIVER = "driver", "Context moved"
        NO_DATA = "no_data", "Data missing"
        RISK_SIGNAL = "risk_signal", "Risk"
        REVIEW_OVERDUE = "review_overdue", "Review overdue"
        SLOW_EXECUTION = "slow_execution", "Slow execution"
        TECHNICAL = "technical", "Technical"
        MANUAL = "manual", "Raised by hand"

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        SNOOZED = "snoozed", "Snoozed"
        RESOLVED = "resolved", "Resolved"

    pilot = models.ForeignKey("pilots.Pilot", on_delete=models.PROTECT, related_name="alerts")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    condition = models.ForeignKey(
        "pilots.Condition", on_delete=models.PROTECT, null=True, blank=True, related_name="alerts"
    )
    scope = models.CharField(
        max_length=160,
        default="overall",
        help_text="A condition's scope, or what else it is about: metric:REF, driver:REF.",
    )
    severity = models.CharField(max_length=4, choices=choices(Severity))
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.OPEN)
    sentence = models.TextField()
    rule_snapshot = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    opened_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=1)
    first_value = models.FloatField(null=True, blank=True)
    last_value = models.FloatField(null=True, blank=True)
    worst_value = models.FloatField(null=True, blank=True)
    evaluation = models.ForeignKey(
        "pilots.Evaluation", on_delete=models.PROTECT, null=True, blank=True, related_name="alerts"
    )
    late = models.BooleanField(default=False, help_text="Opened by late or corrected readings.")
    owner = models.ForeignKey(
        "pilots.User", on_delete=models.PROTECT, null=True, blank=True, related_name="alerts_owned"
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolution = models.CharField(max_length=20, blank=True)
    previous = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="later"
    )
    token = models.PositiveIntegerField(
        default=0, help_text="Counts the changes; each change names the one it saw."
    )

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ("severity", "-opened_at", "pk")
        constraints = (
            models.UniqueConstraint(
                name="alert_one_unresolved_per_rule",
                fields=("pilot", "kind", "condition", "scope"),
                condition=Q(condition__isnull=False) & ~Q(status="resolved"),
            ),
            models.UniqueConstraint(
                name="alert_one_unresolved_per_subject",
                fields=("pilot", "kind", "scope"),
                condition=Q(condition__isnull=True) & ~Q(status="resolved"),
            ),
        )

    def __str__(self) -> str:
        return f"{self.ref} {self.get_kind_display()}"

    @property
    def ref(self) -> str:
        return f"A-{self.pk}"


class AlertEvent(models.Model):
    """One entry of an alert's timeline: append-only."""

    class Kind(models.TextChoices):
        OPENED = "opened", "Opened"
        WORSENED = "worsened", "Worsened"
        EASED = "eased", "Eased"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        SNOOZED = "snoozed", "Snoozed"
        REOPENED = "reopened", "Opened again"
        RECOVERED = "recovered", "The numbers recovered"
        WITHDRAWN = "withdrawn", "Undone by corrected readings"
        RESOLVED = "resolved", "Resolved"
        NOTE = "note", "Note"

    alert = models.ForeignKey("pilots.Alert", on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    actor = models.ForeignKey(
        "pilots.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    from_status = models.CharField(max_length=12, blank=True)
    to_status = models.CharField(max_length=12, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d %H:%M}"
