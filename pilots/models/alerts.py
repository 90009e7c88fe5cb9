"""Alerts: one episode of something that needs a person, and its timeline."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from pilots.evaluation.vocabulary import Severity
from pilots.models.labels import choices
from pilots.models.people import User


class AlertQuerySet(models.QuerySet["Alert"]):
    def unresolved(self) -> AlertQuerySet:
        return self.exclude(status=Alert.Status.RESOLVED)

    def accepted(self) -> AlertQuerySet:
        """Alerts that are put up with until a day that has not passed."""
        return self.filter(status=Alert.Status.RESOLVED, accepted_until__isnull=False)

    def visible_to(self, user: User) -> AlertQuerySet:
        from pilots.models.pilots import Pilot

        return self.filter(pilot__in=Pilot.objects.visible_to(user))

    def due(self, now: datetime) -> AlertQuerySet:
        """Alerts whose next instant has come: a step, an expiry, a repeat, the end of an acceptance."""
        return self.filter(due_at__lte=now).order_by("due_at", "pk")


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
    acknowledged_until = models.DateTimeField(
        null=True, blank=True, help_text="Then the owner is asked again."
    )
    reminded_at = models.DateTimeField(null=True, blank=True, help_text="When the owner was asked again.")
    snoozed_until = models.DateTimeField(null=True, blank=True)
    snoozed_by = models.ForeignKey(
        "pilots.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    snooze_reason = models.TextField(blank=True)
    chain = models.JSONField(
        default=list, blank=True, help_text="The escalation steps, frozen when it opened."
    )
    chain_step = models.PositiveSmallIntegerField(default=0, help_text="How many steps have been told.")
    step_due_at = models.DateTimeField(null=True, blank=True, help_text="Empty: no further step.")
    repeat_at = models.DateTimeField(null=True, blank=True, help_text="When people are told again.")
    repeats = models.PositiveSmallIntegerField(default=0, help_text="Repeats since a person last acted.")
    acted_at = models.DateTimeField(null=True, blank=True, help_text="When a person last acted on it.")
    waiting_since = models.DateTimeField(null=True, blank=True, help_text="Since when nobody has answered.")
    stalled_at = models.DateTimeField(null=True, blank=True, help_text="Since when nobody is told again.")
    flapping_since = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(
        null=True, blank=True, help_text="The first of its instants: step, expiry, repeat."
    )
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolution = models.CharField(max_length=20, blank=True)
    accepted_by = models.ForeignKey(
        "pilots.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    accepted_until = models.DateField(null=True, blank=True, help_text="Until when it is put up with.")
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
            models.CheckConstraint(
                name="alert_accepted_by_somebody_else",
                condition=Q(accepted_by__isnull=True)
                | Q(owner__isnull=True)
                | ~Q(accepted_by=models.F("owner")),
                violation_error_message="Whoever puts up with it is somebody other than who has it.",
            ),
        )
        indexes = (
            # AlertQuerySet.due
            models.Index(name="alert_due", fields=("due_at",), condition=Q(due_at__isnull=False)),
            # the alert before, of one identity; and the turns of a week
            models.Index(name="alert_identity", fields=("pilot", "kind", "scope", "-resolved_at")),
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
        ESCALATED = "escalated", "Told the next"
        REMINDED = "reminded", "Asked again"
        REPEATED = "repeated", "Told again"
        STILL_ON_IT = "still_on_it", "Still on it"
        EXPIRED = "expired", "Nobody answered"
        WOKEN = "woken", "Snooze over"
        STALLED = "stalled", "Stalled"
        FLAPPING = "flapping", "Comes and goes"
        CONTINUED = "continued", "Continued"
        ACCEPTED = "accepted", "Accepted"
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
    facts = models.JSONField(default=dict, blank=True, help_text="Step, recipients, instants: plain JSON.")
    stood = models.JSONField(
        default=dict, blank=True, help_text="What the alert was after it: status, severity, owner, sentence."
    )

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d %H:%M}"
