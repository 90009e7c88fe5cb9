"""Files of readings that people send: looked at first, then carried in bit by bit."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now, Substr

KEPT = timedelta(days=7)  # a file that nobody stored


class ImportJobQuerySet(models.QuerySet["ImportJob"]):
    def under_way(self) -> ImportJobQuerySet:
        return self.filter(state__in=UNDER_WAY)

    def due(self) -> ImportJobQuerySet:
        """Files that wait to be carried on and that nobody holds, by the database's clock."""
        free = Q(lease_until=None) | Q(lease_until__lt=Now())
        return self.under_way().filter(free).order_by("started_at", "pk")

    def forgotten(self, now: datetime) -> ImportJobQuerySet:
        """Files that were looked at a week ago and never stored."""
        return self.filter(state=ImportJob.State.LOOKED_AT, created_at__lt=now - KEPT)

    def without_files(self) -> ImportJobQuerySet:
        """Leave out what is large; a page about a job needs none of it."""
        return self.defer("content", "rows", "accounts")

    def beginning_of(self, pk: int) -> bytes:
        """Return how a file begins: enough to show its first rows."""
        start: Any = self.filter(pk=pk).values_list(Substr("content", 1, 4000), flat=True)[0]
        return bytes(start)


class ImportJob(models.Model):
    """One file of readings on its way in. `rows` are the good ones as they were shown, packed.

    `expected` is what would become of them when they were looked at, `counts` what became of those
    stored so far; `problems` lists the first refused lines.
    """

    class State(models.TextChoices):
        LOOKED_AT = "looked_at", "Not stored"
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Being stored"
        DONE = "done", "Stored"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    pilot = models.ForeignKey("pilots.Pilot", on_delete=models.PROTECT, related_name="import_jobs")
    by = models.ForeignKey("pilots.User", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=State.choices, default=State.LOOKED_AT)
    why = models.TextField(blank=True, help_text="Why it failed.")
    content = models.BinaryField(default=bytes, blank=True)
    header = models.JSONField(default=list)
    delimiter = models.CharField(max_length=1, blank=True)
    columns = models.JSONField(default=dict)
    rows = models.BinaryField(default=bytes, blank=True)
    accounts = models.BinaryField(default=bytes, blank=True)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    expected = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    shown = models.JSONField(default=list, help_text="The first rows, as they were read.")
    problems = models.JSONField(default=list)
    correction_reason = models.TextField(blank=True)
    created_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    fence = models.PositiveBigIntegerField(default=0)
    lease_owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    objects = ImportJobQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        verbose_name = "file of readings"
        verbose_name_plural = "files of readings"
        indexes = (
            # ImportJobQuerySet.due
            models.Index(
                name="importjob_due",
                fields=("started_at",),
                condition=Q(state__in=("waiting", "running")),
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def replacing(self) -> int:
        """How many rows need a reason: they give other numbers for an instant that is known."""
        return int(self.expected.get("replacing", 0))

    @property
    def fates(self) -> dict[str, Any]:
        """How many rows became what: as stored, or as expected before that."""
        return dict(self.counts if self.started_at else self.expected)


UNDER_WAY = (ImportJob.State.WAITING, ImportJob.State.RUNNING)
