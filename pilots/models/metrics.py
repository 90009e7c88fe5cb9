"""What is measured, what it is compared with, and what must hold meanwhile."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from django.db import models
from django.db.models import F, Q

from pilots.evaluation.moments import Moments
from pilots.evaluation.sheets import Frozen, Sheet, sheet_of
from pilots.evaluation.specs import BaselineSpec, DriverSpec, MetricSpec
from pilots.evaluation.vocabulary import Arm, Direction, MetricKind
from pilots.models.history import Tracked
from pilots.models.labels import choices
from pilots.models.people import Role, User


class Metric(Tracked):
    pilot = models.ForeignKey("pilots.Pilot", on_delete=models.CASCADE, related_name="metrics")
    ref = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    unit = models.CharField(max_length=20, blank=True)
    direction = models.CharField(
        max_length=20, choices=choices(Direction), default=Direction.LOWER_IS_BETTER.value
    )
    kind = models.CharField(max_length=20, choices=choices(MetricKind), default=MetricKind.MEAN.value)
    window_days = models.PositiveSmallIntegerField("window (days)", default=7)
    cadence_days = models.PositiveSmallIntegerField("a reading every (days)", default=1)
    grace_days = models.PositiveSmallIntegerField(
        "grace (days)", null=True, blank=True, help_text="Empty: a quarter of the cadence, at least a day."
    )
    maturity_days = models.PositiveSmallIntegerField(
        "settles after (days)", default=0, help_text="Cases still open make recent days look quick."
    )
    min_sample = models.PositiveIntegerField("at least (cases)", null=True, blank=True)
    owner = models.ForeignKey(
        "pilots.User", on_delete=models.PROTECT, null=True, blank=True, related_name="metrics_owned"
    )
    no_entry_is_zero = models.BooleanField("no entry means zero", default=False)
    no_entry_reason = models.CharField("why no entry means zero", max_length=300, blank=True)

    class Meta:
        ordering = ("pilot", "pk")
        constraints = (
            models.UniqueConstraint(name="metric_ref_once_per_pilot", fields=("pilot", "ref")),
            models.CheckConstraint(
                name="metric_window_and_cadence_at_least_a_day",
                condition=Q(window_days__gte=1, cadence_days__gte=1),
                violation_error_message="Window and cadence are at least one day.",
            ),
            models.CheckConstraint(
                name="metric_zero_needs_a_reason",
                condition=Q(no_entry_is_zero=False) | ~Q(no_entry_reason=""),
                violation_error_message="Say why no entry means zero.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def baseline(self) -> Baseline | None:
        """Return the newest final version, or the newest draft where none is final."""
        versions = sorted(self.baselines.all(), key=lambda b: (b.is_final, b.number))
        return versions[-1] if versions else None

    @property
    def steward(self) -> User | None:
        """Return who owes the readings: the owner, else the pilot's metric owner, else its pilot owner."""
        if self.owner is not None:
            return self.owner
        members = sorted(self.pilot.memberships.all(), key=lambda member: member.pk)
        owing = (m for role in (Role.METRIC_OWNER, Role.PILOT_OWNER) for m in members if m.role == role)
        return next((m.user for m in owing if m.user.is_active), None)

    @property
    def spec(self) -> MetricSpec:
        baseline = self.baseline
        return MetricSpec(
            ref=self.ref,
            name=self.name,
            unit=self.unit,
            direction=Direction(self.direction),
            kind=MetricKind(self.kind),
            cadence_days=self.cadence_days,
            maturity_days=self.maturity_days,
            window_days=self.window_days,
            grace_days=self.grace_days,
            no_entry_is_zero=self.no_entry_is_zero,
            owner=str(self.steward or ""),
            baseline=baseline.spec if baseline else None,
        )


class BaselineQuerySet(models.QuerySet["Baseline"]):
    def without_days(self) -> BaselineQuerySet:
        """Leave the frozen days where they are, and only measure them: `days_size`."""
        return self.defer("daily").annotate(days_size=StoredSize("daily"))


class StoredSize(models.Func):
    """How much room a column takes."""

    function = "LENGTH"
    output_field = models.IntegerField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="pg_column_size", **context)


class Baseline(Tracked):
    """One version of a metric's baseline. Final is final: a change is a new number with a reason."""

    class Method(models.TextChoices):
        READINGS = "readings", "From the readings of the window"

    metric = models.ForeignKey("pilots.Metric", on_delete=models.CASCADE, related_name="baselines")
    number = models.PositiveSmallIntegerField(default=1)
    first_day = models.DateField()
    last_day = models.DateField()
    method = models.CharField(max_length=12, choices=Method.choices, default=Method.READINGS)
    value = models.FloatField(null=True, blank=True, editable=False)
    n = models.PositiveBigIntegerField(null=True, blank=True, editable=False)
    spread = models.FloatField("standard deviation", null=True, blank=True, editable=False)
    moments = models.JSONField(
        default=dict, blank=True, editable=False, help_text="By segment: cases, sum, sum of squares."
    )
    daily = models.JSONField(
        default=list,
        blank=True,
        editable=False,
        help_text="By day, segment and arm: cases, sum, sum of squares, as of.",
    )
    reading_days = models.PositiveIntegerField(
        "days with a reading", null=True, blank=True, editable=False, help_text="What a total is spread over."
    )
    reason = models.TextField(blank=True, help_text="Why this version replaces the one before.")
    finalised_at = models.DateTimeField(null=True, blank=True, editable=False)
    finalised_by = models.ForeignKey(
        "pilots.User", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    objects = BaselineQuerySet.as_manager()

    class Meta:
        ordering = ("metric", "number")
        constraints = (
            models.UniqueConstraint(name="baseline_number_once_per_metric", fields=("metric", "number")),
            models.CheckConstraint(
                name="baseline_ends_after_it_starts",
                condition=Q(last_day__gte=F("first_day")),
                violation_error_message="The baseline's last day can't be before its first.",
            ),
            models.CheckConstraint(
                name="baseline_final_says_when_and_from_what",
                condition=Q(finalised_at__isnull=True) | Q(value__isnull=False, n__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.metric}, baseline {self.number}"

    @property
    def is_final(self) -> bool:
        return self.finalised_at is not None

    @property
    def spec(self) -> BaselineSpec:
        return BaselineSpec(
            version=self.number,
            first_day=self.first_day,
            last_day=self.last_day,
            finalised_at=self.finalised_at,
            moments={segment: Moments(*parts) for segment, parts in self.moments.items()},
            reading_days=self.reading_days,
            daily=Frozen(self.metric.ref, self.sheet, as_of=self.finalised_at) if self.finalised_at else (),
        )

    @cached_property
    def sheet(self) -> Sheet:
        """Return the frozen days in columns."""
        days, segments, arms, n, total, total_sq, _ = (
            zip(*self.daily, strict=True) if self.daily else [()] * 7
        )
        return sheet_of(
            segments=segments,
            day=np.array([date.fromisoformat(day).toordinal() for day in days], dtype=np.int64),
            control=np.array([arm == Arm.CONTROL for arm in arms], dtype=bool),
            n=np.array(n, dtype=np.int64),
            total=np.array(total, dtype=np.float64),
            total_sq=np.array(total_sq, dtype=np.float64),
        )


class DriverAnswer(models.TextChoices):
    STILL_VALID = "still_valid", "Still valid"
    RE_DECIDE = "re_decide", "Decide anew"


class Driver(Tracked):
    """What must hold for the numbers to mean something: the mix of a dimension, or a plain number."""

    pilot = models.ForeignKey("pilots.Pilot", on_delete=models.CASCADE, related_name="drivers")
    ref = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    dimension = models.CharField(max_length=60, blank=True, help_text="Empty: a plain number.")
    baseline_mix = models.JSONField(
        default=dict, blank=True, help_text="Share of each category, as fractions."
    )
    baseline_value = models.FloatField(null=True, blank=True)
    current_value = models.FloatField(null=True, blank=True)
    updated_on = models.DateField("last updated", null=True, blank=True)
    update_rule = models.CharField(max_length=300, blank=True, help_text="How it is updated, and by whom.")
    update_every_days = models.PositiveSmallIntegerField("updated every (days)", null=True, blank=True)
    material_change = models.FloatField(
        null=True, blank=True, help_text="A fraction; empty: what moves a metric by 2% or half a limit."
    )
    required = models.BooleanField(default=True)
    owner = models.ForeignKey(
        "pilots.User", on_delete=models.PROTECT, null=True, blank=True, related_name="drivers_owned"
    )
    answered_on = models.DateField("last found still valid", null=True, blank=True, editable=False)
    answer = models.CharField(
        "last answer", max_length=12, choices=DriverAnswer.choices, blank=True, editable=False
    )
    answered_by = models.ForeignKey(
        "pilots.User", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    class Meta:
        ordering = ("pilot", "pk")
        constraints = (
            models.UniqueConstraint(name="driver_ref_once_per_pilot", fields=("pilot", "ref")),
            models.CheckConstraint(
                name="driver_material_change_positive",
                condition=Q(material_change__isnull=True) | Q(material_change__gt=0),
                violation_error_message="A material change is more than 0%%.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def spec(self) -> DriverSpec:
        return DriverSpec(
            ref=self.ref,
            name=self.name,
            dimension=self.dimension,
            baseline_value=self.baseline_value,
            current_value=self.current_value,
            material_change=self.material_change,
            update_every_days=self.update_every_days,
            updated_on=self.updated_on,
            required=self.required,
            owner=str(self.owner) if self.owner else "",
            answered_on=self.answered_on,
        )


class DriverState(models.Model):
    """The engine's memory of one driver. People never write here."""

    driver = models.OneToOneField("pilots.Driver", on_delete=models.CASCADE, related_name="state")
    memory = models.JSONField(default=dict, help_text="What the next look goes on from.")
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"State of driver {self.driver_id}"
