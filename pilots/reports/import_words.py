"""What became of the rows of a file, and what a reading says, in words."""

from __future__ import annotations

from collections.abc import Mapping

from pilots.evaluation.measures import level
from pilots.evaluation.vocabulary import Arm, MetricKind
from pilots.evaluation.wording import number, percent, scope_words
from pilots.models import Metric
from pilots.reports.words import counted

FATES = {
    "new": "new",
    "corrected": "corrected",
    "older": "older than what is known",
    "same": "known already",
    "refused": "refused",
}


def fates_words(counts: Mapping[str, int]) -> str:
    """Say how many rows became what.

    >>> fates_words({"new": 1200, "refused": 2, "unreadable": 2})
    '1,200 new, 2 refused'
    """
    told = [f"{counts[name]:,} {word}" for name, word in FATES.items() if counts.get(name)]
    return ", ".join(told) or "no row"


def value_words(metric: Metric, n: int, total: float) -> str:
    """Say what a reading comes to in its metric's unit: "20 h", "41%"; "–" where that is no number."""
    kind = MetricKind(metric.kind)
    value = level(kind, n, total)
    if value is None:
        return "–"
    return percent(value) if kind is MetricKind.RATE else f"{number(value)} {metric.unit}".rstrip()


def reading_words(metric: Metric, n: int, total: float) -> str:
    """Say a reading in one breath: "20 h from 10 cases"."""
    return f"{value_words(metric, n, total)} from {counted(n, 'case')}"


def kind_words(segment: str, arm: str) -> str:
    """Name the cases of a reading: "gold, high", with the group where it is not the pilot's."""
    name = scope_words(segment).removeprefix(" for ") or "all cases"
    return f"{name}, comparison group" if arm == Arm.CONTROL.value else name
