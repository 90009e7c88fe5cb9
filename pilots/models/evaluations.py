"""What was concluded, when, on what: append-only."""

from __future__ import annotations

from typing import Any

from django.db import models

from pilots.evaluation.vocabulary import Verdict
from pilots.models.labels import choices


class Evaluation(models.Model):
    """One evaluation of one pilot that changed anything.

    `result` is the whole canonical answer; `versions` names every rule and baseline it was
    judged by, so that it can be read again without today's rules.
    """

    pilot = models.ForeignKey("pilots.Pilot", on_delete=models.PROTECT, related_name="evaluations")
    as_of = models.DateTimeField()
    recorded_at = models.DateTimeField()
    verdict = models.CharField(max_length=12, choices=choices(Verdict))
    reason = models.TextField(blank=True)
    sentence = models.TextField(blank=True)
    badges = models.JSONField(default=list)
    result = models.JSONField()
    versions = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    evaluator = models.CharField(max_length=20)
    next_look_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-as_of", "-pk")
        indexes = (
            # the newest evaluation of a pilot, and the newest at or before an instant
            models.Index(name="evaluation_pilot_as_of", fields=("pilot", "-as_of")),
        )

    def __str__(self) -> str:
        return f"{self.pilot_id} {self.as_of:%Y-%m-%d %H:%M} {self.verdict}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("A past evaluation is never rewritten; judge again instead.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("A past evaluation is never deleted.")
