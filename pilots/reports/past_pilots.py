"""Pilots as they stood at an instant: their parts, their people, and what was concluded by then."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Model, OuterRef, Q, Subquery

from pilots.models import (
    Baseline,
    Condition,
    Continuance,
    Decision,
    Driver,
    Evaluation,
    Membership,
    Metric,
    Pilot,
    PilotState,
    Review,
    Stage,
    User,
)
from pilots.permissions import grouped_by_role
from pilots.reports.past_rows import give, grouped, name_people, people_at, rows_at

PEOPLE = {
    Metric: ("owner",),
    Baseline: ("finalised_by",),
    Driver: ("owner", "answered_by"),
    Membership: ("user",),
    Review: ("reviewer", "requested_by"),
    Decision: ("owner", "deputy"),
}


class PastParts:
    """Every part of some pilots as it stood, each kind fetched once, whatever their number."""

    def __init__(self, pilots: Collection[int], decisions: Collection[int], instant: datetime) -> None:
        self.stages = sorted(rows_at(Stage, instant, pilot__in=pilots), key=lambda s: s.order)
        self.metrics = rows_at(Metric, instant, pilot__in=pilots)
        self.baselines = rows_at(Baseline, instant, metric__in=[metric.pk for metric in self.metrics])
        self.drivers = rows_at(Driver, instant, pilot__in=pilots)
        rules = rows_at(Condition, instant, pilot__in=pilots)
        self.conditions = sorted(rules, key=lambda rule: (rule.kind, rule.ref))
        self.memberships = [
            *rows_at(Membership, instant, pilot__in=pilots),
            *rows_at(Membership, instant, decision__in=decisions),
        ]
        self.reviews = sorted(rows_at(Review, instant, pilot__in=pilots), key=lambda r: (r.due_on, r.pk))
        self.continuances = list(Continuance.objects.filter(condition__pilot__in=pilots, at__lte=instant))
        self.evaluations = _newest_evaluations(pilots, instant)
        self.people: dict[int, User] = {}

    def name(self, decisions: Iterable[Decision], instant: datetime) -> None:
        """Point every part to its people as they were; two queries."""
        parts = [*self.metrics, *self.baselines, *self.drivers, *self.memberships, *self.reviews, *decisions]
        ids = {getattr(row, f"{field}_id") for row in parts for field in PEOPLE[type(row)]}
        self.people = people_at(ids, instant)
        for row in parts:
            name_people([row], self.people, *PEOPLE[type(row)])
        self.memberships.sort(key=lambda m: (m.role, m.user.name, m.user.email, m.pk))


def pilots_at(pilots: Collection[int], instant: datetime) -> list[Pilot]:
    """Return those of some pilots that existed at an instant, as fetched for their page, by ref."""
    return rebuilt(sorted(rows_at(Pilot, instant, id__in=pilots), key=lambda pilot: pilot.ref), instant)


def rebuilt(
    pilots: Sequence[Pilot], instant: datetime, decisions: Sequence[Decision] | None = None
) -> list[Pilot]:
    """Give pilots their parts as they stood, and their decisions, which are fetched where not given."""
    wanted = {pilot.decision_id for pilot in pilots}
    whole = rows_at(Decision, instant, id__in=wanted) if decisions is None else list(decisions)
    parts = PastParts([pilot.pk for pilot in pilots], [decision.pk for decision in whole], instant)
    parts.name(whole, instant)
    _join_metrics(parts)
    known = {decision.pk: decision for decision in whole}
    for pilot in pilots:
        pilot.decision = known[pilot.decision_id]
        _join(pilot, parts)
    return list(pilots)


def people_then(pilot: Pilot) -> dict[str, list[User]]:
    """Return the active people of a rebuilt pilot by role, by itself and by its decision."""
    return grouped_by_role(pilot, [*pilot.memberships.all(), *pilot.decision.memberships.all()])


def _join_metrics(parts: PastParts) -> None:
    versions = grouped(sorted(parts.baselines, key=lambda b: b.number), "metric_id")
    for metric in parts.metrics:
        give(metric, {"baselines": versions.get(metric.pk, [])})
        for baseline in versions.get(metric.pk, []):
            baseline.metric = metric


def _join(pilot: Pilot, parts: PastParts) -> None:
    """Give one pilot its parts, so that it reads like one fetched with everything."""
    metrics = [row for row in parts.metrics if row.pilot_id == pilot.pk]
    drivers = [row for row in parts.drivers if row.pilot_id == pilot.pk]
    conditions = [row for row in parts.conditions if row.pilot_id == pilot.pk]
    _join_conditions(conditions, metrics, drivers, parts.continuances)
    belonging: dict[str, Sequence[Model]] = {
        "stages": [row for row in parts.stages if row.pilot_id == pilot.pk],
        "metrics": metrics,
        "drivers": drivers,
        "conditions": conditions,
        "memberships": [row for row in parts.memberships if row.pilot_id == pilot.pk],
        "reviews": [row for row in parts.reviews if row.pilot_id == pilot.pk],
    }
    give(pilot, belonging)
    _belong_to(pilot, (row for rows in belonging.values() for row in rows))
    of_decision = [row for row in parts.memberships if row.decision_id == pilot.decision_id]
    give(pilot.decision, {"memberships": of_decision})
    _remember(pilot, parts.evaluations.get(pilot.pk))


def _belong_to(pilot: Pilot, rows: Iterable[Any]) -> None:
    for row in rows:
        row.pilot = pilot


def _join_conditions(
    conditions: Iterable[Condition],
    metrics: Iterable[Metric],
    drivers: Iterable[Driver],
    continuances: Iterable[Continuance],
) -> None:
    metric_of = {metric.pk: metric for metric in metrics}
    driver_of = {driver.pk: driver for driver in drivers}
    for condition in conditions:
        condition.metric = metric_of.get(condition.metric_id or 0)
        condition.driver = driver_of.get(condition.driver_id or 0)
        decided = [row for row in continuances if row.condition_id == condition.pk]
        give(condition, {"continuances": decided})


def _remember(pilot: Pilot, evaluation: Evaluation | None) -> None:
    """Set what the engine had concluded. When it looked without finding news is not kept."""
    at = evaluation.recorded_at if evaluation else None
    verdict = evaluation.verdict if evaluation else ""
    pilot.state = PilotState(pilot=pilot, evaluation=evaluation, verdict=verdict, last_evaluated_at=at)


def _newest_evaluations(pilots: Collection[int], instant: datetime) -> Mapping[int, Evaluation]:
    of_pilot = Evaluation.objects.filter(pilot=OuterRef("pilot"), recorded_at__lte=instant)
    newest = of_pilot.order_by("-as_of", "-pk").values("pk")[:1]
    rows = Evaluation.objects.filter(Q(pilot__in=pilots), pk=Subquery(newest))
    return {row.pilot_id: row for row in rows}
