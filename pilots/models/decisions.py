"""Decision one-pagers: the template they follow, the options, the risks, the steps that come next."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from pilots.models.history import Tracked
from pilots.models.people import User


class Framework(Tracked):
    """A reusable one-pager template, such as B0174."""

    code = models.CharField(max_length=20, unique=True)
    name_en = models.CharField("name in English", max_length=200)
    name_katakana = models.CharField("name in katakana", max_length=200, blank=True)
    name_kanji = models.CharField("name in kanji", max_length=200, blank=True)
    quality = models.CharField(max_length=20, blank=True)
    source = models.CharField(max_length=300, blank=True)
    coi = models.CharField(
        "conflict of interest",
        max_length=300,
        blank=True,
        help_text="“none” is a statement; empty means unsaid.",
    )
    updated = models.DateField(null=True, blank=True)
    metrics = models.JSONField(default=list, blank=True)
    drivers = models.JSONField(default=list, blank=True)
    trade_off = models.JSONField(default=list, blank=True)
    next_checklist = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return f"{self.code}: {self.name_en}"


class DecisionQuerySet(models.QuerySet["Decision"]):
    def visible_to(self, user: User) -> DecisionQuerySet:
        """Decisions this person has a part in; staff see all."""
        if user.is_staff:
            return self
        mine = Q(memberships__user=user) | Q(pilots__memberships__user=user) | Q(owner=user) | Q(deputy=user)
        return self.filter(pk__in=Decision.objects.filter(mine).values("pk"))


class Decision(Tracked):
    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        PROPOSED = "proposed", "Proposed"
        DECIDED = "decided", "Decided"
        PILOTING = "piloting", "Piloting"
        SCALED = "scaled", "Scaled"
        STOPPED = "stopped", "Stopped"
        INCONCLUSIVE = "inconclusive", "Inconclusive"
        SUPERSEDED = "superseded", "Superseded"

    class Quality(models.TextChoices):
        DRAFT = "draft", "Draft"
        REVIEWED = "reviewed", "Reviewed"

    class Reversibility(models.TextChoices):
        EASY = "easy", "Easy to reverse"
        COSTLY = "costly", "Costly to reverse"
        ONE_WAY = "one_way", "Can't be reversed"

    ref = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=200)
    name_katakana = models.CharField("name in katakana", max_length=200, blank=True)
    name_kanji = models.CharField("name in kanji", max_length=200, blank=True)
    framework = models.ForeignKey(
        "pilots.Framework", on_delete=models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.DRAFT, editable=False)
    quality = models.CharField(max_length=10, choices=Quality.choices, default=Quality.DRAFT)
    context = models.TextField(blank=True)
    trade_off_a = models.CharField("trade-off, one side", max_length=120, blank=True)
    trade_off_b = models.CharField("trade-off, other side", max_length=120, blank=True)
    statement = models.TextField("decision", blank=True)
    rationale = models.TextField(blank=True)
    coi = models.CharField("conflict of interest", max_length=300, blank=True)
    source = models.CharField(max_length=300, blank=True)
    unplaced = models.JSONField(default=list, blank=True, editable=False)
    reversibility = models.CharField(max_length=10, choices=Reversibility.choices, default=Reversibility.EASY)
    prediction = models.TextField(blank=True, help_text="What you expect to see at the end.")
    confidence = models.PositiveSmallIntegerField("confidence, %", null=True, blank=True)
    owner = models.ForeignKey(
        "pilots.User", on_delete=models.PROTECT, null=True, blank=True, related_name="decisions_owned"
    )
    deputy = models.ForeignKey(
        "pilots.User", on_delete=models.PROTECT, null=True, blank=True, related_name="decisions_deputised"
    )
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    proposed_at = models.DateTimeField(null=True, blank=True, editable=False)
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    changed_since_decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    outcome = models.TextField(blank=True, help_text="What came of it.")
    process_quality = models.TextField(
        blank=True, help_text="How well it was decided, apart from what came of it."
    )

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ("ref",)
        constraints = (
            models.CheckConstraint(
                name="decision_confidence_is_a_percentage",
                condition=Q(confidence__isnull=True) | Q(confidence__range=(0, 100)),
                violation_error_message="Confidence is between 0 and 100%%.",
            ),
            models.CheckConstraint(
                name="decision_deputy_is_somebody_else",
                condition=Q(deputy__isnull=True) | Q(owner__isnull=True) | ~Q(deputy=models.F("owner")),
                violation_error_message="The deputy is somebody other than the owner.",
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def chosen(self) -> Option | None:
        return next((option for option in self.options.all() if option.chosen), None)


class Option(Tracked):
    decision = models.ForeignKey("pilots.Decision", on_delete=models.CASCADE, related_name="options")
    key = models.CharField(max_length=3, help_text="A, B, C …")
    title = models.CharField(max_length=400)
    summary = models.TextField(blank=True)
    chosen = models.BooleanField(default=False)
    rejected_because = models.TextField(blank=True)

    class Meta:
        ordering = ("decision", "key")
        constraints = (
            models.UniqueConstraint(name="option_key_once_per_decision", fields=("decision", "key")),
            models.UniqueConstraint(
                name="option_one_chosen_per_decision",
                fields=("decision",),
                condition=Q(chosen=True),
                violation_error_message="Only one option can be chosen.",
            ),
        )

    def __str__(self) -> str:
        return f"Option {self.key}: {self.title}"


class NextStep(Tracked):
    """One clause of the one-pager's *Next*, and the readiness check that answers it."""

    decision = models.ForeignKey("pilots.Decision", on_delete=models.CASCADE, related_name="next_steps")
    order = models.PositiveSmallIntegerField(default=0)
    text = models.CharField(max_length=400)
    readiness = models.CharField(max_length=30, blank=True)
    done = models.BooleanField(default=False)

    class Meta:
        ordering = ("decision", "order", "pk")

    def __str__(self) -> str:
        return self.text


class Risk(Tracked):
    """A risk with the signal that shows it and what will be done then."""

    class Level(models.TextChoices):
        LOW = "low", "Low"
        MEDIUM = "medium", "Medium"
        HIGH = "high", "High"

    class Signal(models.TextChoices):
        NONE = "", "Not watched"
        DATA_STATE = "data_state", "Any metric has no usable data"
        STAGE_OVERDUE = "stage_overdue", "A stage is past its planned end"
        REVIEW_OVERDUE = "review_overdue", "A review is overdue"

    decision = models.ForeignKey("pilots.Decision", on_delete=models.CASCADE, related_name="risks")
    text = models.CharField(max_length=400)
    likelihood = models.CharField(max_length=6, choices=Level.choices, default=Level.MEDIUM)
    impact = models.CharField(max_length=6, choices=Level.choices, default=Level.MEDIUM)
    owner = models.ForeignKey(
        "pilots.User", on_delete=models.PROTECT, null=True, blank=True, related_name="risks_owned"
    )
    signal = models.CharField(max_length=20, choices=Signal.choices, blank=True, default=Signal.NONE)
    planned_response = models.TextField(blank=True)

    class Meta:
        ordering = ("decision", "pk")

    def __str__(self) -> str:
        return self.text
