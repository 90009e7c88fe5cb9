"""What the engine notes of itself: when its rounds ran, and which channel is shut."""

from __future__ import annotations

from django.db import models


class Pulse(models.Model):
    """The last round of one of the engine's tasks; `facts` is what it found, as plain JSON."""

    name = models.CharField(max_length=30, unique=True)
    at = models.DateTimeField()
    took_ms = models.PositiveIntegerField(default=0)
    facts = models.JSONField(default=dict)

    class Meta:
        verbose_name = "round of the engine"
        verbose_name_plural = "rounds of the engine"

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M}"


class ChannelState(models.Model):
    """Whether a channel is shut because nothing can get through it. No row: it is open."""

    channel = models.CharField(max_length=8, unique=True)
    shut_until = models.DateTimeField()
    shut_since = models.DateTimeField()
    failures = models.PositiveSmallIntegerField(default=1)
    reason = models.TextField()

    def __str__(self) -> str:
        return f"{self.channel}, shut since {self.shut_since:%Y-%m-%d %H:%M}"
