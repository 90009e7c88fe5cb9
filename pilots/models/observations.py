"""Readings: the current value of each key, and every value ever received for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Window
from django.db.models.functions import RowNumber

from pilots.evaluation.moments import Moments
from pilots.evaluation.specs import AccountSum, Reading
from pilots.evaluation.vocabulary import Arm
from pilots.models.labels import choices


class ReadingFields(models.Model):
    """What a reading says: one metric's cases of one day, segment and arm."""

    day = models.DateField()
    segment = models.CharField(max_length=200)
    arm = models.CharField(max_length=8, choices=choices(Arm), default=Arm.PILOT.value)
    n = models.PositiveBigIntegerField()
    total = models.FloatField()
    total_sq = models.FloatField()
    as_of = models.DateTimeField()
    received_at = models.DateTimeField()
    source = models.CharField(max_length=120, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.day} {self.segment} n={self.n}"


COLUMNS = ("metric__ref", "day", "segment", "n", "total", "total_sq", "as_of", "arm")
ARMS = {arm.value: arm for arm in Arm}


def as_readings(rows: models.QuerySet[Observation] | models.QuerySet[ReadingRevision]) -> Iterator[Reading]:
    for ref, day, segment, n, total, total_sq, as_of, arm in rows.values_list(*COLUMNS).iterator():
        yield Reading(ref, day, segment, Moments(n, total, total_sq), as_of, ARMS[arm])


def _of(pilot_id: int, metric_id: int | None) -> Q:
    return Q(metric__pilot=pilot_id) if metric_id is None else Q(metric=metric_id)


class ObservationQuerySet(models.QuerySet["Observation"]):
    def readings_known(self, pilot_id: int, now: datetime, *, metric_id: int | None = None) -> list[Reading]:
        """Return a pilot's readings as their sources knew them at `now`, one per key; or one metric's."""
        current = self.filter(_of(pilot_id, metric_id))
        if current.filter(as_of__gt=now).exists():
            return ReadingRevision.objects.readings_known(pilot_id, now, metric_id=metric_id)
        return list(as_readings(current))

    def readings_between(self, metric_id: int, first: date, last: date) -> list[Reading]:
        """Return a metric's readings of both arms as they are now, both ends included, in order."""
        window = self.filter(metric=metric_id, day__range=(first, last))
        return list(as_readings(window.order_by("day", "segment", "arm")))


class ReadingRevisionQuerySet(models.QuerySet["ReadingRevision"]):
    def readings_known(self, pilot_id: int, now: datetime, *, metric_id: int | None = None) -> list[Reading]:
        """Return the newest revision of each key at `now`; of one instant, the one that came last."""
        age = Window(
            RowNumber(),
            partition_by=("metric", "day", "segment", "arm"),
            order_by=(F("as_of").desc(), F("pk").desc()),
        )
        known = self.filter(_of(pilot_id, metric_id), as_of__lte=now)
        return list(as_readings(known.annotate(age=age).filter(age=1)))

    def current_at(self, instant: datetime) -> ReadingRevisionQuerySet:
        """Revisions that were current at an instant: the newest of each key among those received by then."""
        key = {name: OuterRef(name) for name in ("metric", "day", "segment", "arm")}
        newer = Q(as_of__gt=OuterRef("as_of")) | Q(as_of=OuterRef("as_of"), pk__gt=OuterRef("pk"))
        replaced = ReadingRevision.objects.filter(newer, **key, received_at__lte=instant)
        return self.filter(~Exists(replaced), received_at__lte=instant)

    def readings_of(self, pilot_id: int) -> list[Reading]:
        """Return every revision of a pilot; of one key and instant, the one that came last."""
        rows = as_readings(self.filter(metric__pilot=pilot_id).order_by("pk"))
        return list({(reading.key, reading.as_of): reading for reading in rows}.values())


class Observation(ReadingFields):
    """The current value of (metric, day, segment, arm). Never deleted."""

    # The unique index below starts with the metric and serves its foreign key too.
    metric = models.ForeignKey(
        "pilots.Metric", on_delete=models.PROTECT, db_index=False, related_name="observations"
    )

    objects = ObservationQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(name="observation_key", fields=("metric", "day", "segment", "arm")),
            models.CheckConstraint(name="observation_has_cases", condition=Q(n__gte=1)),
        )


class ReadingRevision(ReadingFields):
    """One value received for a key, as it came: append-only."""

    class Kind(models.TextChoices):
        NEW = "new", "New"
        CORRECTED = "corrected", "Corrected"
        OLDER = "older", "Older"

    metric = models.ForeignKey(
        "pilots.Metric", on_delete=models.PROTECT, db_index=False, related_name="revisions"
    )
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.NEW)
    by = models.ForeignKey("pilots.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField(blank=True)

    objects = ReadingRevisionQuerySet.as_manager()

    class Meta:
        indexes = (
            # the chain of one key, and what was known of a metric at an instant
            models.Index(name="revision_key", fields=("metric", "day", "segment", "arm", "as_of")),
        )


class AccountShareQuerySet(models.QuerySet["AccountShare"]):
    def sums_known(self, pilot_id: int, now: datetime) -> list[AccountSum]:
        """Return what each account had brought to a pilot's readings at `now`."""
        return list(self.filter(as_of__lte=now).sums_of(pilot_id))

    def sums_of(self, pilot_id: int) -> Iterator[AccountSum]:
        known = self.filter(metric__pilot=pilot_id)
        rows = known.values_list("metric__ref", "day", "segment", "arm", "account", "as_of", "n", "total")
        for ref, day, segment, arm, account, as_of, n, total in rows.iterator():
            yield AccountSum(ref, day, segment, ARMS[arm], account, as_of, n, total)


class AccountShare(models.Model):
    """What one account added to a reading at one instant; its sums add up over the instants."""

    # The unique index below starts with the metric and serves its foreign key too.
    metric = models.ForeignKey(
        "pilots.Metric", on_delete=models.PROTECT, db_index=False, related_name="account_shares"
    )
    day = models.DateField()
    segment = models.CharField(max_length=200)
    arm = models.CharField(max_length=8, choices=choices(Arm), default=Arm.PILOT.value)
    account = models.CharField(max_length=32, help_text="A fingerprint; who it is does not matter.")
    as_of = models.DateTimeField()
    n = models.PositiveBigIntegerField()
    total = models.FloatField()

    objects = AccountShareQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="accountshare_key", fields=("metric", "day", "segment", "arm", "account", "as_of")
            ),
            models.CheckConstraint(name="accountshare_has_cases", condition=Q(n__gte=1)),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.segment} {self.account} n={self.n}"
