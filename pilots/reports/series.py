"""The readings of a metric as a page draws them: each day's cases and level, and the level over a window."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet, Sum

from pilots.evaluation.measures import level
from pilots.evaluation.scopes import contains
from pilots.evaluation.vocabulary import Arm, MetricKind
from pilots.models import Metric, Observation, ReadingRevision

Row = tuple[date, str, int, float]  # day, segment, cases, sum


@dataclass(frozen=True, slots=True)
class Day:
    """The cases of one scope on one day, and their level in the metric's unit."""

    day: date
    n: int
    total: float
    level: float | None


Rows = QuerySet[Observation] | QuerySet[ReadingRevision]


def readings_then(instant: datetime | None) -> Rows:
    """Return the readings as they are, or as they had been received at an instant."""
    return Observation.objects.all() if instant is None else ReadingRevision.objects.current_at(instant)


def days_of(
    metric: Metric, scope: str, dimensions: Mapping[str, Sequence[str]], *, then: datetime | None = None
) -> list[Day]:
    """Return the days of a metric with cases in a scope, in order, `then` as they stood; one query."""
    rows = readings_then(then).filter(metric=metric, arm=Arm.PILOT)
    named = {name: tuple(categories) for name, categories in dimensions.items()}
    wanted = (
        row for row in rows.values_list("day", "segment", "n", "total") if contains(scope, row[1], named)
    )
    return added_up(wanted, MetricKind(metric.kind))


def totals_by_day(
    metrics: Iterable[int], *, first: date, then: datetime | None = None
) -> dict[int, list[Row]]:
    """Return each metric's cases by day since `first`, all segments together; one grouped query."""
    found = readings_then(then).filter(metric__in=list(metrics), arm=Arm.PILOT, day__gte=first)
    grouped = found.values_list("metric", "day").annotate(cases=Sum("n"), whole=Sum("total")).order_by("day")
    rows: dict[int, list[Row]] = {}
    for metric, day, n, total in grouped:
        rows.setdefault(metric, []).append((day, "", n, total))
    return rows


def added_up(rows: Iterable[Row], kind: MetricKind) -> list[Day]:
    """Add the segments of each day up."""
    cases: dict[date, tuple[int, float]] = {}
    for day, _, n, total in rows:
        before = cases.get(day, (0, 0.0))
        cases[day] = (before[0] + n, before[1] + total)
    return [Day(day, n, total, level(kind, n, total)) for day, (n, total) in sorted(cases.items())]


def windowed(days: Sequence[Day], kind: MetricKind, *, window: int) -> list[float | None]:
    """Return the level of the `window` days up to each day.

    A total is given per reading, so that it stands on the scale of its days.
    """
    levels: list[float | None] = []
    first = 0
    for i, day in enumerate(days):
        while (day.day - days[first].day).days >= window:
            first += 1
        held = days[first : i + 1]
        whole = level(kind, sum(d.n for d in held), sum(d.total for d in held))
        levels.append(whole / len(held) if whole is not None and kind is MetricKind.TOTAL else whole)
    return levels
