"""The rules of a pilot: scale-up criteria, stop conditions and escalation triggers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from pilots.evaluation.specs import ConditionSpec
from pilots.evaluation.vocabulary import Comparison, ConditionKind, DataState, Episode, Method, Severity
from pilots.models.history import Tracked
from pilots.models.labels import choices

if TYPE_CHECKING:
    from pilots.models.escalation import Continuance


class ConditionQuerySet(models.QuerySet["Condition"]):
    def thresholds(self) -> ConditionQuerySet:
        return self.filter(kind=ConditionKind.THRESHOLD.value)

    def stop_conditions(self) -> ConditionQuerySet:
        return self.filter(kind=ConditionKind.STOP_CONDITION.value)

    def escalation_triggers(self) -> ConditionQuerySet:
        return self.filter(kind=ConditionKind.ESCALATION_TRIGGER.value)

    def enforced(self) -> ConditionQuerySet:
        return self.filter(observe_only=False, retired_at__isnull=True)

    def in_force(self) -> ConditionQuerySet:
        return self.filter(retired_at__isnull=True)


class Condition(Tracked):
    """One rule. A relative limit is a fraction (0.05 = 5%), an absolute one is in the metric's unit."""

    pilot = models.ForeignKey("pilots.Pilot", on_delete=models.CASCADE, related_name="conditions")
    kind = models.CharField(max_length=20, choices=choices(ConditionKind))
    ref = models.SlugField(max_length=30)
    name = models.CharField(max_length=120, blank=True)
    metric = models.ForeignKey(
        "pilots.Metric", on_delete=models.PROTECT, null=True, blank=True, related_name="conditions"
    )
    driver = models.ForeignKey(
        "pilots.Driver", on_delete=models.PROTECT, null=True, blank=True, related_name="conditions"
    )
    data_state = models.CharField(max_length=20, choices=choices(DataState), blank=True)
    comparison = models.CharField(max_length=12, choices=choices(Comparison), blank=True)
    limit = models.FloatField(null=True, blank=True)
    clear_limit = models.FloatField(null=True, blank=True)
    scope = models.CharField(
        max_length=120, default="overall", help_text="overall, a segment, each:DIMENSION or gap:DIMENSION"
    )
    method = models.CharField(max_length=10, choices=choices(Method), default=Method.POINT.value)
    sustained_periods = models.PositiveSmallIntegerField("sustained for (readings)", default=1)
    sustained_days = models.PositiveSmallIntegerField("sustained for (days)", default=0)
    recover_periods = models.PositiveSmallIntegerField("recovered after (readings)", default=3)
    window_days = models.PositiveSmallIntegerField("window (days)", null=True, blank=True)
    min_sample = models.PositiveIntegerField("at least (cases)", null=True, blank=True)
    min_days = models.PositiveSmallIntegerField("first look on day", null=True, blank=True)
    alpha = models.FloatField("chance of a wrong call", default=0.05)
    severity = models.CharField(max_length=4, choices=choices(Severity), default=Severity.SEV3.value)
    observe_only = models.BooleanField(default=False)
    must_watch = models.BooleanField("must always have data", default=False)
    notify = models.JSONField("who is told", default=list, blank=True, help_text="Roles or addresses.")
    policy = models.ForeignKey(
        "pilots.EscalationPolicy",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="conditions",
        verbose_name="who is told next",
        help_text="Empty: the pilot’s own policy, else the product’s.",
    )
    rationale = models.TextField(blank=True)
    rule_version = models.PositiveIntegerField(default=1, editable=False)
    counts_from = models.DateField(null=True, blank=True, editable=False)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)

    # What a change of makes another rule: a new version, and a new streak.
    RULE_FIELDS = (
        "kind",
        "metric_id",
        "driver_id",
        "data_state",
        "comparison",
        "limit",
        "clear_limit",
        "scope",
        "method",
        "sustained_periods",
        "sustained_days",
        "recover_periods",
        "window_days",
        "min_sample",
        "min_days",
        "alpha",
    )

    objects = ConditionQuerySet.as_manager()

    class Meta:
        ordering = ("pilot", "kind", "ref")
        constraints = (
            models.UniqueConstraint(name="condition_ref_once_per_pilot", fields=("pilot", "ref")),
            models.CheckConstraint(
                name="condition_watches_one_thing",
                condition=Q(metric__isnull=False, driver__isnull=True)
                | Q(metric__isnull=True, driver__isnull=False),
                violation_error_message="A condition watches one metric or one driver.",
            ),
            models.CheckConstraint(
                name="condition_has_a_limit_or_a_data_state",
                condition=(Q(data_state="") & ~Q(comparison="") & Q(limit__isnull=False))
                | (~Q(data_state="") & Q(comparison="", limit__isnull=True)),
                violation_error_message="Give a limit, or the data state to watch for.",
            ),
            models.CheckConstraint(
                name="condition_relative_limit_not_negative",
                condition=~Q(comparison__in=("improve_by", "worsen_by")) | Q(limit__gte=0, limit__lt=100),
                violation_error_message="A change is a share of at least 0%%; its direction is in the words.",
            ),
            models.CheckConstraint(
                name="condition_alpha_served",
                condition=Q(alpha__gte=0.001, alpha__lte=0.2),
                violation_error_message="The chance of a wrong call is between 0.1%% and 20%%.",
            ),
            models.CheckConstraint(
                name="condition_periods_at_least_one",
                condition=Q(sustained_periods__gte=1, recover_periods__gte=1),
                violation_error_message="At least one reading.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.ref} {self.name}".strip()

    @property
    def spec(self) -> ConditionSpec:
        return ConditionSpec(
            ref=self.ref,
            kind=ConditionKind(self.kind),
            comparison=Comparison(self.comparison) if self.comparison else None,
            limit=self.limit,
            metric=self.metric.ref if self.metric else "",
            driver=self.driver.ref if self.driver else "",
            data_state=DataState(self.data_state) if self.data_state else None,
            name=self.name,
            scope=self.scope,
            method=Method(self.method),
            sustained_periods=self.sustained_periods,
            sustained_days=self.sustained_days,
            recover_periods=self.recover_periods,
            clear_limit=self.clear_limit,
            window_days=self.window_days,
            min_sample=self.min_sample,
            min_days=self.min_days,
            alpha=self.alpha,
            severity=Severity(self.severity),
            must_watch=self.must_watch,
            observe_only=self.observe_only,
            version=self.rule_version,
            counts_from=self.counts_from,
            continuances=tuple(decision.spec for decision in self._decisions()),
        )

    def _decisions(self) -> Iterable[Continuance]:
        """Return the decisions to go on past it; only a stop condition has any."""
        if self.kind != ConditionKind.STOP_CONDITION:
            return ()
        fetched: Iterable[Continuance] | None = vars(self).get("decided")  # by `to_judge`
        return self.continuances.all() if fetched is None else fetched


class ConditionState(models.Model):
    """The engine's memory of one condition in one scope. People never write here."""

    condition = models.ForeignKey("pilots.Condition", on_delete=models.CASCADE, related_name="states")
    scope = models.CharField(max_length=120)
    episode = models.CharField(max_length=12, choices=choices(Episode), default=Episode.CLEAR.value)
    since = models.DateField(null=True, blank=True)
    rule_version = models.PositiveIntegerField(default=1)
    memory = models.JSONField(default=dict, help_text="What the next look goes on from.")
    result = models.JSONField(default=dict)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(name="conditionstate_once_per_scope", fields=("condition", "scope")),
        )
        indexes = (
            # the inspector: open episodes, few among very many
            models.Index(
                name="conditionstate_open",
                fields=("condition",),
                condition=Q(episode__in=("firing", "recovering")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.condition_id} {self.scope}: {self.episode}"
