"""What is known of a pilot's readings: how far each metric goes, and every value a day ever had."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.db.models import Count, Max

from pilots.evaluation.days import days_between
from pilots.models import Metric, Observation, Pilot, ReadingRevision, User
from pilots.reports.import_words import kind_words, reading_words

DAYS_SHOWN = 14
KINDS = ReadingRevision.Kind


@dataclass(frozen=True, slots=True)
class Link:
    """One value a reading had: since when it is known, when it came, by whom and why."""

    says: str
    known: datetime
    received: datetime
    who: str
    source: str
    reason: str
    what: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Chain:
    """Every value of one day, kind of case and group, the newest arrival first."""

    segment: str
    arm: str
    kind: str
    links: tuple[Link, ...]

    @property
    def current(self) -> Link:
        return next(link for link in self.links if link.is_current)


def chains_of(metric: Metric, day: date) -> list[Chain]:
    """Return what every kind of case had on a day; one query."""
    revisions = ReadingRevision.objects.filter(metric=metric, day=day).select_related("by")
    in_order = revisions.order_by("segment", "-arm", "-pk")
    grouped = groupby(in_order, key=lambda revision: (revision.segment, revision.arm))
    return [_chain(metric, key, list(links)) for key, links in grouped]


def _chain(metric: Metric, key: tuple[str, str], revisions: list[ReadingRevision]) -> Chain:
    newest = max(revisions, key=lambda revision: (revision.as_of, revision.pk))
    links = tuple(_link(metric, revision, revisions, is_current=revision is newest) for revision in revisions)
    return Chain(*key, kind_words(*key), links)


def _link(
    metric: Metric, revision: ReadingRevision, revisions: list[ReadingRevision], *, is_current: bool
) -> Link:
    return Link(
        says=reading_words(metric, revision.n, revision.total),
        known=revision.as_of,
        received=revision.received_at,
        who=str(revision.by) if revision.by else "",
        source=revision.source,
        reason=revision.reason,
        what=_what(metric, revision, revisions),
        is_current=is_current,
    )


def _what(metric: Metric, revision: ReadingRevision, revisions: list[ReadingRevision]) -> str:
    """Say what a value did when it arrived: it was the first, replaced another or came too late."""
    earlier = [r for r in revisions if r.pk < revision.pk]
    if revision.kind == KINDS.NEW or not earlier:
        return "First value"
    if revision.kind == KINDS.OLDER:
        return "Older than what was known; kept beside it"
    same = [r for r in earlier if r.as_of == revision.as_of]
    replaced = max(same or earlier, key=lambda r: (r.as_of, r.pk))
    return f"Corrected from {reading_words(metric, replaced.n, replaced.total)}"


@dataclass(frozen=True, slots=True)
class MetricDays:
    """How far the readings of one metric go; `days` are the newest with readings, `gaps` those without."""

    metric: Metric
    owes: User | None
    last: date | None
    arrived: datetime | None
    rows: int
    days: tuple[tuple[date, bool], ...]


def metric_days(pilot: Pilot) -> list[MetricDays]:
    """Return what is known of each metric; two queries, however many metrics."""
    metrics = pilot.metrics.select_related("owner")
    counted = metrics.annotate(
        last=Max("observations__day"), arrived=Max("observations__received_at"), rows=Count("observations")
    )
    known = list(counted)
    newest = max((metric.last for metric in known if metric.last), default=None)
    if newest is None:
        return [MetricDays(m, m.owner, None, None, 0, ()) for m in known]
    first = newest - timedelta(days=DAYS_SHOWN - 1)
    rows = Observation.objects.filter(metric__pilot=pilot, day__gte=first)
    there = set(rows.order_by().values_list("metric", "day").distinct())
    return [
        MetricDays(
            metric=metric,
            owes=metric.owner,
            last=metric.last,
            arrived=metric.arrived,
            rows=metric.rows,
            days=tuple((day, (metric.pk, day) in there) for day in reversed(days_between(first, newest))),
        )
        for metric in known
    ]
