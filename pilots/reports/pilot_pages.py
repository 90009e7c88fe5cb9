"""Everything one pilot's page shows: what is true, what to do next, how we know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Prefetch, QuerySet

from pilots.evaluation.days import local_day
from pilots.evaluation.specs import OVERALL
from pilots.models import Alert, Condition, Metric, Pilot, Review, User
from pilots.permissions import people_by_role
from pilots.reports.about import Person, Source, drivers_say, facts_of, people_of, sources_of
from pilots.reports.condition_rows import ConditionRow, rows_of
from pilots.reports.driver_rows import DriverRow, driver_rows
from pilots.reports.freshness import is_late
from pilots.reports.gates import Ground, gates_from
from pilots.reports.lately import lately_by_scope
from pilots.reports.metric_charts import MetricChart, SmallChart, main_chart, small_charts
from pilots.reports.next_steps import Step, next_steps
from pilots.reports.readiness import Check, readiness_of
from pilots.reports.results import PilotAnswer, answer_of
from pilots.reports.stage_rows import StageRow, stage_rows
from pilots.reports.standings import loudness
from pilots.reports.timeline import KINDS, Entry, Wanted, newest

ENTRIES_SHOWN = 12
UNDER_WAY = (Pilot.Status.RUNNING, Pilot.Status.PAUSED)
SETTING_UP = (Pilot.Status.DRAFT, Pilot.Status.READY)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks to see: a metric, a scope, a kind of timeline entry."""

    metric: str = ""
    segment: str = ""
    show: str = "all"


@dataclass(frozen=True, slots=True)
class Record:
    """A pilot and what its page reads beside it, fetched: as all is `now`, or as it stood then.

    With `stood` the rows were rebuilt: nothing of them is asked of the database again. `names` are
    those of then, by key, where people are called something else now.
    """

    pilot: Pilot
    answer: PilotAnswer | None
    alerts: Sequence[Alert]
    people: dict[str, list[User]]
    now: datetime
    stood: bool = False
    names: Mapping[int, str] = field(default_factory=dict)

    @property
    def then(self) -> datetime | None:
        return self.now if self.stood else None


@dataclass(frozen=True, slots=True)
class PilotPage:
    pilot: Pilot
    facts: str
    answer: PilotAnswer | None
    late: bool
    steps: tuple[Step, ...]
    rows: tuple[ConditionRow, ...]
    chart: MetricChart | None
    small: tuple[SmallChart, ...]
    drivers: tuple[DriverRow, ...]
    drivers_say: str
    stages: tuple[StageRow, ...]
    gates: tuple[Check, ...]
    checks: tuple[Check, ...]
    alerts: tuple[Alert, ...]
    review: Review | None
    people: tuple[Person, ...]
    sources: tuple[Source, ...]
    entries: tuple[Entry, ...]
    has_older: bool
    show: str
    kinds: tuple[tuple[str, str], ...]
    stood_on: date | None = None

    @property
    def loud(self) -> list[ConditionRow]:
        return [row for row in self.rows if not row.calm]

    @property
    def calm(self) -> list[ConditionRow]:
        return [row for row in self.rows if row.calm]

    @property
    def calm_lately(self) -> list[ConditionRow]:
        return [row for row in self.calm if row.lately]

    @property
    def is_setting_up(self) -> bool:
        return self.pilot.status in SETTING_UP

    @property
    def verdict(self) -> str:
        return self.answer.verdict if self.answer else ""


def pilots_for_page(user: User) -> QuerySet[Pilot]:
    """Return the pilots a person sees, with all their page needs in a fixed number of queries."""
    reviews = Review.objects.select_related("reviewer").order_by("due_on", "pk")
    return (
        Pilot.objects.visible_to(user)
        .with_rules()
        .select_related("state__evaluation", "decision__owner", "decision__deputy")
        .prefetch_related(Prefetch("reviews", queryset=reviews), "metrics__baselines__finalised_by")
    )


def pilot_page(pilot: Pilot, asked: Asked, *, now: datetime) -> PilotPage:
    """Return the page of a pilot of `pilots_for_page` as everything is now."""
    return page_of(_record(pilot, people_by_role(pilot), now=now), asked)


def chart_of(pilot: Pilot, asked: Asked, *, now: datetime) -> MetricChart | None:
    """Return the chart of one metric of a pilot of `pilots_for_page`, or None where it has no such metric."""
    return chart_from(_record(pilot, {}, now=now), asked)


def chart_from(record: Record, asked: Asked) -> MetricChart | None:
    metric = next((m for m in record.pilot.metrics.all() if m.ref == asked.metric), None)
    today = local_day(record.now, record.pilot.timezone)
    return _chart(record, metric, asked.segment, today=today) if metric else None


def _record(pilot: Pilot, people: dict[str, list[User]], *, now: datetime) -> Record:
    alerts = pilot.alerts.select_related("condition", "owner").order_by("severity", "opened_at", "pk")
    return Record(pilot, conclusion_of(pilot), list(alerts), people, now)


def conclusion_of(pilot: Pilot) -> PilotAnswer | None:
    """Return what the engine concluded, or None while the pilot is set up."""
    return None if pilot.status in SETTING_UP else answer_of(pilot.state.evaluation)


def page_of(record: Record, asked: Asked) -> PilotPage:
    """Lay out a page from what was fetched for it."""
    pilot, answer, people = record.pilot, record.answer, record.people
    today = local_day(record.now, pilot.timezone)
    conditions = [c for c in pilot.conditions.all() if c.retired_at is None]
    unresolved = tuple(alert for alert in record.alerts if alert.status != Alert.Status.RESOLVED)
    review = _next_review(pilot)
    checks = readiness_of(pilot, people=people) if pilot.status in SETTING_UP else ()
    missing = sum(not check.ok for check in checks)
    metric, scope = _shown(pilot, answer, asked)
    wanted = Wanted(until=record.now, kind=asked.show, names=record.names)
    entries, has_older = newest(pilot, wanted, most=ENTRIES_SHOWN)
    return PilotPage(
        pilot=pilot,
        facts=facts_of(pilot, today=today),
        answer=answer,
        late=pilot.status == Pilot.Status.RUNNING and is_late(pilot.state, now=record.now),
        steps=next_steps(pilot, answer, unresolved, review, people, missing=missing, today=today),
        rows=_rows(record, conditions),
        chart=_chart(record, metric, scope, today=today) if metric else None,
        small=small_charts(pilot, answer, today=today, then=record.then),
        drivers=driver_rows(list(pilot.drivers.all()), answer, today=today),
        drivers_say=drivers_say(pilot),
        stages=stage_rows(pilot, today=today),
        gates=_gates(record, unresolved) if pilot.status in UNDER_WAY else (),
        checks=checks,
        alerts=unresolved,
        review=review,
        people=people_of(pilot, people),
        sources=tuple(sources_of(pilot, conditions)),
        entries=entries,
        has_older=has_older,
        show=asked.show,
        kinds=tuple(KINDS.items()),
        stood_on=today if record.stood else None,
    )


def _rows(record: Record, conditions: Sequence[Condition]) -> tuple[ConditionRow, ...]:
    if record.answer is None:
        return ()
    lately = lately_by_scope(record.pilot, record.answer, now=record.now, then=record.then)
    return rows_of(record.answer, conditions, lately)


def _chart(record: Record, metric: Metric, scope: str, *, today: date) -> MetricChart:
    pilot, answer, alerts = record.pilot, record.answer, record.alerts
    return main_chart(pilot, metric, scope, answer, alerts, today=today, then=record.then)


def _gates(record: Record, unresolved: Sequence[Alert]) -> tuple[Check, ...]:
    state = record.pilot.state
    known = None if record.stood else state
    return gates_from(Ground(record.pilot, unresolved, state.evaluation, known, record.now))


def _next_review(pilot: Pilot) -> Review | None:
    due = (r for r in pilot.reviews.all() if r.status in (Review.Status.SCHEDULED, Review.Status.IN_REVIEW))
    return next(due, None)


def _shown(pilot: Pilot, answer: PilotAnswer | None, asked: Asked) -> tuple[Metric | None, str]:
    """Return the metric and scope asked for; else those of the loudest condition, else the first metric."""
    metrics = {metric.ref: metric for metric in pilot.metrics.all()}
    if asked.metric in metrics or asked.segment:
        return metrics.get(asked.metric) or next(iter(metrics.values()), None), asked.segment or OVERALL
    loudest = sorted(answer.conditions, key=loudness) if answer else []
    for condition in loudest:
        if condition.metric in metrics:
            return metrics[condition.metric or ""], condition.scope
    return next(iter(metrics.values()), None), OVERALL
