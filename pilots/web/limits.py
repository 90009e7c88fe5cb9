"""The limits of a pilot, grouped by what happens when one is passed."""

from __future__ import annotations

from dataclasses import dataclass

from pilots.models import Condition, Pilot
from pilots.reports.rules import rule_words, told_words
from pilots.web.forms.limit_words import KINDS, Kind


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit with its words."""

    row: Condition
    words: str
    told: str


def groups_of(pilot: Pilot) -> list[tuple[Kind, list[Limit]]]:
    rows = pilot.conditions.in_force().select_related("metric", "driver")
    found = [
        Limit(row, rule_words(row), told_words(row)) for row in rows.prefetch_related("metric__baselines")
    ]
    return [(kind, [limit for limit in found if limit.row.kind == kind.value]) for kind in KINDS.values()]
