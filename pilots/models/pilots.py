"""Pilots and their stages, and the engine's own memory of them."""

from __future__ import annotations

from datetime import date, datetime

from django.db import models
from django.db.models import F, Prefetch, Q
from django.db.models.functions import Now

from pilots.evaluation.specs import PilotSpec, StageSpec
from pilots.evaluation.vocabulary import Verdict
from pilots.models.history import Tracked
from pilots.models.labels import choices
from pilots.models.metrics import Baseline
from pilots.models.people import User


class PilotQuerySet(models.QuerySet["Pilot"]):
    def visible_to(self, user: User) -> PilotQuerySet:
        """Pilots this person has a part in, by the pilot or by its decision; staff see all."""
        if user.is_staff:
            return self
        mine = (
            Q(memberships__user=user)
            | Q(decision__memberships__user=user)
            | Q(decision__owner=user)
            | Q(decision__deputy=user)
        )
        return self.filter(pk__in=Pilot.objects.filter(mine).values("pk"))

    def with_rules(self) -> PilotQuerySet:
        """Fetch what `spec` needs, in a fixed number of queries."""
        return self.select_related("decision").prefetch_related(
            "stages",
            "memberships__user",
            "drivers__owner",
            "metrics__owner",
            "metrics__baselines",
            "conditions__metric",
            "conditions__driver",
            "conditions__continuances",
        )

    def to_judge(self) -> list[Pilot]:
        """Return the pilots with what `spec` needs, without frozen days, and with the engine's memory.

        Of the newest evaluation only what tells whether the next one differs.
        """
        unread = ("result", "versions", "badges", "sentence", "reason")
        found = list(
            self.select_related("state__evaluation")
            .defer(*(f"state__evaluation__{name}" for name in unread))
            .prefetch_related(
                "stages",
                "memberships__user",
                "drivers__owner",
                "metrics__owner",
                Prefetch("metrics__baselines", Baseline.objects.without_days()),
                Prefetch("conditions__continuances", to_attr="decided"),
            )
        )
        for pilot in found:
            pilot.join_conditions()
        return found

    def running(self) -> PilotQuerySet:
        return self.filter(status=Pilot.Status.RUNNING)


class Pilot(Tracked):
    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        READY = "ready", "Ready"
        RUNNING = "running", "Running"
        PAUSED = "paused", "Paused"
        SCALED = "scaled", "Scaled"
        STOPPED = "stopped", "Stopped"
        INCONCLUSIVE = "inconclusive", "Inconclusive"
        INVALID = "invalid", "Invalid"

    ENDED = (Status.SCALED, Status.STOPPED, Status.INCONCLUSIVE, Status.INVALID)

    decision = models.ForeignKey("pilots.Decision", on_delete=models.PROTECT, related_name="pilots")
    ref = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=200)
    hypothesis = models.TextField(blank=True)
    timezone = models.CharField("time zone", max_length=60, default="UTC")
    start = models.DateField("planned start", null=True, blank=True)
    end = models.DateField("planned end", null=True, blank=True)
    cadence_days = models.PositiveSmallIntegerField("judged every (days)", default=1)
    dimensions = models.JSONField(
        default=dict, blank=True, help_text="How cases are told apart: a name and its categories."
    )
    pause_on_stop = models.BooleanField("pause when a stop condition fires", default=False)
    first_review_on = models.DateField("first review", null=True, blank=True)
    review_every_days = models.PositiveSmallIntegerField("review every (days)", null=True, blank=True)
    simulated = models.BooleanField("simulated data", default=False, editable=False)

    status = models.CharField(max_length=12, choices=Status.choices, default=Status.DRAFT, editable=False)
    started_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    returned_to = models.TextField(
        "customers were returned to", blank=True, help_text="After a stop: what customers went back to."
    )

    objects = PilotQuerySet.as_manager()

    class Meta:
        ordering = ("ref",)
        constraints = (
            models.CheckConstraint(
                name="pilot_ends_after_it_starts",
                condition=Q(start__isnull=True) | Q(end__isnull=True) | Q(end__gt=F("start")),
                violation_error_message="The planned end must be after the planned start.",
            ),
            models.CheckConstraint(
                name="pilot_cadence_at_least_a_day",
                condition=Q(cadence_days__gte=1),
                violation_error_message="A pilot is judged at most once a day.",
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def has_ended(self) -> bool:
        return self.status in self.ENDED

    @property
    def running_stage(self) -> Stage | None:
        """Return the stage under way: it is judged on while it waits for a decision."""
        under_way = (Stage.Status.RUNNING, Stage.Status.AWAITING_DECISION)
        return next((s for s in self.stages.all() if s.status in under_way), None)

    def join_conditions(self) -> None:
        """Give the conditions the metrics and drivers that are here already."""
        metrics = {metric.pk: metric for metric in self.metrics.all()}
        drivers = {driver.pk: driver for driver in self.drivers.all()}
        for condition in self.conditions.all():
            condition.metric = metrics[condition.metric_id] if condition.metric_id else None
            condition.driver = drivers[condition.driver_id] if condition.driver_id else None

    @property
    def spec(self) -> PilotSpec:
        """Describe the pilot to the evaluation. Fetch it `with_rules` first."""
        if self.start is None:
            raise ValueError(f"{self.ref} has no start yet, so there is nothing to judge.")
        stage = self.running_stage
        in_force = [c for c in self.conditions.all() if c.retired_at is None]
        return PilotSpec(
            ref=self.ref,
            title=self.title,
            timezone=self.timezone,
            start=self.start,
            end=self.end,
            metrics=tuple(m.spec for m in sorted(self.metrics.all(), key=lambda m: m.pk)),
            conditions=tuple(c.spec for c in sorted(in_force, key=lambda c: c.ref)),
            drivers=tuple(d.spec for d in sorted(self.drivers.all(), key=lambda d: d.pk)),
            dimensions={name: tuple(categories) for name, categories in self.dimensions.items()},
            stage=stage.spec if stage else None,
            cadence_days=self.cadence_days,
        )


class PilotMove(models.Model):
    """One move of a pilot or a stage, as it was made: append-only."""

    pilot = models.ForeignKey("pilots.Pilot", on_delete=models.CASCADE, related_name="moves")
    stage = models.ForeignKey(
        "pilots.Stage", on_delete=models.PROTECT, null=True, blank=True, related_name="moves"
    )
    from_status = models.CharField(max_length=20)
    to_status = models.CharField(max_length=20)
    by = models.ForeignKey("pilots.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    reason = models.TextField(blank=True)
    verdict = models.CharField(max_length=12, choices=choices(Verdict), blank=True)
    overridden = models.JSONField(
        default=list, blank=True, help_text="What was refused and set aside, with the reason."
    )

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.pilot_id}: {self.from_status} → {self.to_status}"

    @property
    def actor(self) -> str:
        return str(self.by) if self.by else "engine"


class Stage(Tracked):
    class Status(models.TextChoices):
        NOT_STARTED = "not_started", "Not started"
        RUNNING = "running", "Running"
        AWAITING_DECISION = "awaiting_decision", "Awaiting decision"
        PASSED = "passed", "Passed"
        FAILED = "failed", "Failed"
        SKIPPED = "skipped", "Skipped"

    pilot = models.ForeignKey("pilots.Pilot", on_delete=models.CASCADE, related_name="stages")
    order = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    exposure_share = models.FloatField(
        "share of accounts", null=True, blank=True, help_text="A fraction: 0.1 is 10%."
    )
    exposure_segments = models.JSONField("segments", default=list, blank=True)
    min_days = models.PositiveSmallIntegerField("at least (days)", default=0)
    min_sample = models.PositiveIntegerField("at least (cases)", default=0)
    planned_start = models.DateField(null=True, blank=True)
    planned_end = models.DateField(null=True, blank=True)
    status = models.CharField(
        max_length=20, choices=Status.choices, default=Status.NOT_STARTED, editable=False
    )
    started_on = models.DateField(null=True, blank=True, editable=False)
    ended_on = models.DateField(null=True, blank=True, editable=False)
    skipped_because = models.TextField(blank=True, editable=False)

    class Meta:
        ordering = ("pilot", "order")
        constraints = (
            models.UniqueConstraint(name="stage_order_once_per_pilot", fields=("pilot", "order")),
            models.UniqueConstraint(
                name="stage_one_under_way_per_pilot",
                fields=("pilot",),
                condition=Q(status__in=("running", "awaiting_decision")),
            ),
            models.CheckConstraint(
                name="stage_share_is_a_fraction",
                condition=Q(exposure_share__isnull=True) | Q(exposure_share__gt=0, exposure_share__lte=1),
                violation_error_message="The share is more than 0%% and at most 100%%.",
            ),
            models.CheckConstraint(
                name="stage_ends_after_it_starts",
                condition=Q(planned_start__isnull=True)
                | Q(planned_end__isnull=True)
                | Q(planned_end__gte=F("planned_start")),
                violation_error_message="A stage can't end before it starts.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def day_on(self, today: date) -> int | None:
        """Return which day of the stage `today` is, counted from 1, or None before it starts."""
        return (today - self.started_on).days + 1 if self.started_on else None

    @property
    def spec(self) -> StageSpec:
        if self.started_on is None:
            raise ValueError(f"Stage {self.name} has not started.")
        to_come = (s for s in self.pilot.stages.all() if s.status != Stage.Status.SKIPPED)
        later = [s for s in to_come if s.order > self.order]
        return StageSpec(
            order=self.order,
            name=self.name,
            first_day=self.started_on,
            planned_end=self.planned_end or (None if later else self.pilot.end),
            min_days=self.min_days,
            min_sample=self.min_sample,
            is_last=not later,
        )


class PilotStateQuerySet(models.QuerySet["PilotState"]):
    def due(self, now: datetime) -> PilotStateQuerySet:
        """Running pilots with something new to judge or whose next look has come, not held by a worker."""
        return (
            self.filter(pilot__status=Pilot.Status.RUNNING)
            .filter(Q(dirty_seq__gt=F("evaluated_seq")) | Q(next_look_at__lte=now))
            .filter(Q(retry_at__isnull=True) | Q(retry_at__lte=now))
            .filter(Q(lease_until__isnull=True) | Q(lease_until__lt=Now()))
            .order_by("next_look_at", "pk")
        )


class PilotState(models.Model):
    """The engine's memory of a pilot. People never write here.

    `dirty_seq` counts changes to what is judged, `evaluated_seq` is the count the last evaluation
    saw. The lease and its fence make sure that one worker at a time writes a verdict.
    """

    pilot = models.OneToOneField("pilots.Pilot", on_delete=models.CASCADE, related_name="state")
    dirty_seq = models.PositiveBigIntegerField(default=1)
    evaluated_seq = models.PositiveBigIntegerField(default=0)
    next_look_at = models.DateTimeField(null=True, blank=True)
    last_evaluated_at = models.DateTimeField(null=True, blank=True)
    evaluation = models.ForeignKey(
        "pilots.Evaluation", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    verdict = models.CharField(max_length=12, choices=choices(Verdict), blank=True)
    verdict_since = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_owner = models.CharField(max_length=80, blank=True)
    fence = models.PositiveBigIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)

    objects = PilotStateQuerySet.as_manager()

    class Meta:
        indexes = (
            # PilotStateQuerySet.due: the two ways to be due
            models.Index(name="pilotstate_next_look", fields=("next_look_at",)),
            models.Index(
                name="pilotstate_dirty", fields=("pilot",), condition=Q(dirty_seq__gt=F("evaluated_seq"))
            ),
        )

    def __str__(self) -> str:
        return f"state of {self.pilot_id}"
