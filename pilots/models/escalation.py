"""Who is told next when nobody answers, and where else messages go."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from pilots.evaluation.specs import ContinuanceSpec
from pilots.models.history import Tracked


class EscalationPolicy(Tracked):
    """The steps an alert climbs while nobody has it: of one pilot, or of every pilot without its own."""

    pilot = models.ForeignKey(
        "pilots.Pilot", on_delete=models.CASCADE, null=True, blank=True, related_name="escalation_policies"
    )
    name = models.CharField(max_length=80)
    is_default = models.BooleanField("for every alert without a policy of its own", default=False)

    class Meta:
        ordering = ("pilot", "name")
        verbose_name_plural = "escalation policies"
        constraints = (
            models.UniqueConstraint(
                name="escalationpolicy_name_once_per_pilot",
                fields=("pilot", "name"),
                condition=Q(pilot__isnull=False),
            ),
            models.UniqueConstraint(
                name="escalationpolicy_name_once_for_all", fields=("name",), condition=Q(pilot__isnull=True)
            ),
            models.UniqueConstraint(
                name="escalationpolicy_one_default_per_pilot",
                fields=("pilot",),
                condition=Q(is_default=True, pilot__isnull=False),
            ),
            models.UniqueConstraint(
                name="escalationpolicy_one_default_for_all",
                fields=("is_default",),
                condition=Q(is_default=True, pilot__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return self.name


class EscalationStep(Tracked):
    """One step: who is told, and how long they have before the next one is."""

    policy = models.ForeignKey("pilots.EscalationPolicy", on_delete=models.CASCADE, related_name="steps")
    order = models.PositiveSmallIntegerField()
    notify = models.JSONField(
        "who is told", default=list, help_text="Roles, addresses, or to:NAME of a destination."
    )
    wait_minutes = models.PositiveIntegerField("then wait (minutes)", default=240)
    working_time = models.BooleanField("count working days only", default=False)

    class Meta:
        ordering = ("policy", "order")
        constraints = (
            models.UniqueConstraint(name="escalationstep_order_once_per_policy", fields=("policy", "order")),
            models.CheckConstraint(
                name="escalationstep_waits_a_month_at_most",
                condition=Q(wait_minutes__gte=1, wait_minutes__lte=44640),
                violation_error_message="A step waits between a minute and 31 days.",
            ),
        )

    def __str__(self) -> str:
        return f"Step {self.order} of {self.policy_id}"


class Destination(Tracked):
    """A place outside that takes messages: a signed webhook, or a chat room's incoming webhook."""

    class Channel(models.TextChoices):
        WEBHOOK = "webhook", "Signed webhook"
        CHAT = "chat", "Chat room"

    name = models.SlugField(max_length=60, unique=True)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    url = models.URLField("address", max_length=500)
    secret = models.CharField(max_length=128, blank=True, editable=False, help_text="Signs what is sent.")
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Continuance(models.Model):
    """A person's decision to go on although a stop condition fired: append-only.

    Until `until`, or until the change passes `limit`, the condition's episode stays closed.
    """

    condition = models.ForeignKey("pilots.Condition", on_delete=models.PROTECT, related_name="continuances")
    scope = models.CharField(max_length=120)
    alert = models.ForeignKey("pilots.Alert", on_delete=models.PROTECT, related_name="continuances")
    decided_on = models.DateField()
    until = models.DateField(null=True, blank=True)
    limit = models.FloatField(null=True, blank=True, help_text="In the terms of the condition's own limit.")
    by = models.ForeignKey("pilots.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.TextField()

    class Meta:
        ordering = ("at", "pk")
        constraints = (
            models.CheckConstraint(
                name="continuance_ends_or_trips_again",
                condition=Q(until__isnull=False) | Q(limit__isnull=False),
                violation_error_message="Give an end date, or the limit at which it fires again.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.condition_id} {self.scope}, from {self.decided_on}"

    @property
    def spec(self) -> ContinuanceSpec:
        return ContinuanceSpec(
            scope=self.scope, decided_on=self.decided_on, at=self.at, until=self.until, limit=self.limit
        )
