"""The outbox: one row per recipient, delivery queue and ledger in one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class NotificationQuerySet(models.QuerySet["Notification"]):
    def due(self, now: datetime) -> NotificationQuerySet:
        """Waiting rows whose time has come, the most urgent first."""
        waiting = self.filter(state__in=(Notification.State.PENDING, Notification.State.IN_DOUBT))
        return waiting.filter(next_try_at__lte=now).order_by("urgency", "next_try_at", "pk")

    def abandoned(self) -> NotificationQuerySet:
        """Claimed rows whose worker let the lease run out, by the database's clock."""
        return self.filter(state=Notification.State.CLAIMED, lease_until__lt=Now())


class Notification(models.Model):
    class State(models.TextChoices):
        PENDING = "pending", "Waiting"
        CLAIMED = "claimed", "Being sent"
        IN_DOUBT = "in_doubt", "In doubt"
        SENT = "sent", "Sent"
        DEAD = "dead", "Could not be sent"
        CANCELLED = "cancelled", "Cancelled"
        SUPPRESSED = "suppressed", "Not wanted"

    class Urgency(models.IntegerChoices):
        """What goes out first."""

        AT_ONCE = 1, "Before everything else"
        SOON = 2, "Soon"
        NORMAL = 3, "In its turn"
        LAST = 4, "When nothing else waits"

    class Channel(models.TextChoices):
        EMAIL = "email", "Email"
        WEBHOOK = "webhook", "Webhook"
        CHAT = "chat", "Chat"

    recipient = models.CharField(max_length=254)
    user = models.ForeignKey(
        "pilots.User", on_delete=models.PROTECT, null=True, blank=True, related_name="notifications"
    )
    channel = models.CharField(max_length=8, choices=Channel.choices, default=Channel.EMAIL)
    alert = models.ForeignKey(
        "pilots.Alert", on_delete=models.PROTECT, null=True, blank=True, related_name="notifications"
    )
    event = models.ForeignKey(
        "pilots.AlertEvent", on_delete=models.PROTECT, null=True, blank=True, related_name="notifications"
    )
    because = models.CharField("told as", max_length=40, blank=True)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True)
    chart_svg = models.TextField(blank=True)
    message_id = models.CharField(max_length=200, unique=True)
    in_reply_to = models.CharField(max_length=200, blank=True)
    sent_as = models.CharField(
        max_length=200, blank=True, help_text="The Message-ID of the message it went out in."
    )
    facts = models.JSONField(
        default=dict, blank=True, help_text="What a merged message, a digest or a webhook says of it."
    )
    urgency = models.PositiveSmallIntegerField(choices=Urgency.choices, default=Urgency.NORMAL)
    digest = models.BooleanField(default=False, help_text="Waits for the digest of its recipient.")
    may_stop = models.BooleanField(default=False, help_text="Its recipient may switch it off.")
    created_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    state_reason = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    doubts = models.PositiveSmallIntegerField(
        default=0, help_text="How often nobody can say whether it arrived."
    )
    next_try_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_owner = models.CharField(max_length=80, blank=True)
    handed_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was last handed to its channel; empty: not since claimed."
    )
    fence = models.PositiveBigIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True, help_text="What the receiving side said.")

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                name="notification_once_per_event_and_recipient",
                fields=("event", "recipient", "channel"),
                condition=Q(event__isnull=False),
            ),
        )
        indexes = (
            # NotificationQuerySet.due
            models.Index(
                name="notification_due",
                fields=("urgency", "next_try_at"),
                condition=Q(state__in=("pending", "claimed", "in_doubt")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.recipient}: {self.subject}"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of handing one message over: SENT, PENDING (try again), IN_DOUBT or DEAD."""

    state: Notification.State
    answer: str = ""
    closes_channel: bool = False  # the fault is the channel's: nothing else will get through either


Send = Callable[[Notification], Receipt]
