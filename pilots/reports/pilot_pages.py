"""Everything one pilot's page shows: what is true, what to do next, how we know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, QuerySet

from pilots.evaluation.days import local_day
from pilots.evaluation.specs import OVERALL
from pilots.models import Alert, Metric, Pilot, Review, User
from pilots.permissions import people_by_role
from pilots.reports.about import Person, Source, drivers_say, facts_of, people_of, sources_of
from pilots.reports.condition_rows import ConditionRow, rows_of
from pilots.reports.driver_rows import DriverRow, driver_rows
from pilots.reports.freshness import is_late
from pilots.reports.gates import gates_of
from pilots.reports.lately import lately_by_scope
from pilots.reports.metric_charts import MetricChart, SmallChart, main_chart, small_charts
from pilots.reports.next_steps import Step, next_steps
from pilots.reports.readiness import Check, readiness_of
from pilots.reports.results import PilotAnswer, answer_of
from pilots.reports.stage_rows import StageRow, stage_rows
from pilots.reports.standings import loudness
from pilots.reports.timeline import KINDS, Entry, timeline_of

ENTRIES_SHOWN = 12
UNDER_WAY = (Pilot.Status.RUNNING, Pilot.Status.PAUSED)
SETTING_UP = (Pilot.Status.DRAFT, Pilot.Status.READY)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks to see: a metric, a scope, a kind of timeline entry, all of them."""

    metric: str = ""
    segment: str = ""
    show: str = "all"
    all: bool = False


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
    older: int
    show: str
    kinds: tuple[tuple[str, str], ...]

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
    today = local_day(now, pilot.timezone)
    answer = None if pilot.status in SETTING_UP else answer_of(pilot.state.evaluation)
    conditions = [c for c in pilot.conditions.all() if c.retired_at is None]
    alerts = list(pilot.alerts.select_related("condition", "owner").order_by("severity", "opened_at", "pk"))
    unresolved = tuple(alert for alert in alerts if alert.status != Alert.Status.RESOLVED)
    people = people_by_role(pilot)
    review = _next_review(pilot)
    checks = readiness_of(pilot, people=people) if pilot.status in SETTING_UP else ()
    missing = sum(not check.ok for check in checks)
    metric, scope = _shown(pilot, answer, asked)
    entries = [e for e in timeline_of(pilot, now=now) if asked.show in ("all", e.kind)]
    shown = entries if asked.all else entries[:ENTRIES_SHOWN]
    return PilotPage(
        pilot=pilot,
        facts=facts_of(pilot, today=today),
        answer=answer,
        late=pilot.status == Pilot.Status.RUNNING and is_late(pilot.state, now=now),
        steps=next_steps(pilot, answer, unresolved, review, people, missing=missing, today=today),
        rows=rows_of(answer, conditions, lately_by_scope(pilot, answer, now=now)) if answer else (),
        chart=main_chart(pilot, metric, scope, answer, alerts, today=today) if metric else None,
        small=small_charts(pilot, answer, today=today),
        drivers=driver_rows(list(pilot.drivers.all()), answer, today=today),
        drivers_say=drivers_say(pilot),
        stages=stage_rows(pilot, today=today),
        gates=gates_of(pilot, now=now) if pilot.status in UNDER_WAY else (),
        checks=checks,
        alerts=unresolved,
        review=review,
        people=people_of(pilot, people),
        sources=tuple(sources_of(pilot, conditions)),
        entries=tuple(shown),
        older=len(entries) - len(shown),
        show=asked.show,
        kinds=tuple(KINDS.items()),
    )


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
