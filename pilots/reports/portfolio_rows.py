"""One row of the portfolio: the verdict, the stage, the distance to limits, the trend, what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from pilots.evaluation.specs import OVERALL
from pilots.evaluation.vocabulary import MetricKind
from pilots.evaluation.wording import on
from pilots.models import Condition, Membership, Metric, Pilot, Role
from pilots.permissions import grouped_by_role
from pilots.reports.bars import SmallBar, Sparkline, small_bars, sparkline
from pilots.reports.readiness import Check, readiness_of
from pilots.reports.results import ConditionAnswer, PilotAnswer, answer_of
from pilots.reports.series import Day, added_up, totals_by_day, windowed
from pilots.reports.stages import StageProgress, stage_progress
from pilots.reports.standings import limit_value, loudness, per_reading, way_to
from pilots.reports.words import signed_percent

TREND_DAYS = 28
LOOKS = {"threshold": "goal", "stop_condition": "stop", "escalation_trigger": "warn"}


@dataclass(frozen=True, slots=True)
class Distance:
    ups: tuple[SmallBar, ...]
    stops: tuple[SmallBar, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Trend:
    name: str
    spark: Sparkline | None
    change: str


@dataclass(frozen=True, slots=True)
class Row:
    pilot: Pilot
    owner: str
    verdict: str
    sentence: str
    stage: StageProgress
    distance: Distance | None
    trend: Trend | None
    checks: tuple[Check, ...]
    next_review: date | None
    open_alerts: int
    today: date

    @property
    def is_review_late(self) -> bool:
        return self.next_review is not None and self.next_review < self.today

    @property
    def is_draft(self) -> bool:
        return self.pilot.status in (Pilot.Status.DRAFT, Pilot.Status.READY)

    @property
    def done(self) -> int:
        return sum(check.ok for check in self.checks)

    @property
    def missing(self) -> list[str]:
        return [words for check in self.checks for words in check.missing]


def rows_for(pilots: Sequence[Pilot], *, today: date) -> list[Row]:
    """Return the rows of one page, in a fixed number of queries."""
    fetch_for_rows(pilots)
    answers = {pilot.pk: answer_of(pilot.state.evaluation) for pilot in pilots}
    watched = {pilot.pk: _watched(pilot, answers[pilot.pk]) for pilot in pilots}
    days = _days_of([metric for metric in watched.values() if metric], today=today)
    return [_row(pilot, answers[pilot.pk], watched[pilot.pk], days, today=today) for pilot in pilots]


def fetch_for_rows(pilots: Sequence[Pilot]) -> None:
    members = Membership.objects.select_related("user")
    prefetch_related_objects(
        pilots,
        "state__evaluation",
        "decision__owner",
        "decision__deputy",
        Prefetch("decision__memberships", queryset=members),
        Prefetch("memberships", queryset=members),
        "stages",
        "drivers",
        "metrics__baselines",
        "metrics__owner",
        "conditions__metric",
        "conditions__driver",
    )


def _row(
    pilot: Pilot,
    answer: PilotAnswer | None,
    metric: Metric | None,
    days: Mapping[int, list[Day]],
    *,
    today: date,
) -> Row:
    people = grouped_by_role(pilot, [*pilot.memberships.all(), *pilot.decision.memberships.all()])
    owners = people.get(Role.PILOT_OWNER) or people.get(Role.DECISION_OWNER) or []
    draft = pilot.status in (Pilot.Status.DRAFT, Pilot.Status.READY)
    return Row(
        pilot=pilot,
        owner=str(owners[0]) if owners else "no owner yet",
        verdict="" if draft or answer is None else answer.verdict,
        sentence="" if answer is None else answer.sentence,
        stage=stage_progress(pilot, today=today),
        distance=None if answer is None else distance_of(answer, pilot.conditions.all()),
        trend=_trend(metric, answer, days.get(metric.pk, []), pilot, today=today) if metric else None,
        checks=readiness_of(pilot, people=people) if draft else (),
        next_review=getattr(pilot, "next_review", None),
        open_alerts=getattr(pilot, "open_alerts", 0),
        today=today,
    )


def distance_of(answer: PilotAnswer, conditions: Sequence[Condition] | QuerySet[Condition]) -> Distance:
    """Lay the enforced limits out as small bars, and name the one that matters most."""
    rules = {condition.ref: condition for condition in conditions}
    enforced = [c for c in answer.conditions if not c.observe_only]
    ups = _worst_of_each([c for c in enforced if c.is_threshold], rules, best=False)
    stops = _worst_of_each([c for c in enforced if c.is_stop], rules, best=True)
    return Distance(
        ups=small_bars([way_to(c, rules.get(c.ref)) for c in ups]),
        stops=small_bars([way_to(c, rules.get(c.ref)) for c in stops]),
        words=_distance_words(answer, ups, stops, rules),
    )


def _worst_of_each(
    answers: Sequence[ConditionAnswer], rules: Mapping[str, Condition], *, best: bool
) -> list[ConditionAnswer]:
    """Keep one scope of each condition: of a stop the one nearest its limit, of a criterion the furthest."""
    kept: dict[str, tuple[float, ConditionAnswer]] = {}
    for answer in answers:
        share = way_to(answer, rules.get(answer.ref)).share or 0.0
        known = kept.get(answer.ref)
        if known is None or (share > known[0] if best else share < known[0]):
            kept[answer.ref] = (share, answer)
    return [answer for _, answer in kept.values()]


def _distance_words(
    answer: PilotAnswer,
    ups: Sequence[ConditionAnswer],
    stops: Sequence[ConditionAnswer],
    rules: Mapping[str, Condition],
) -> str:
    firing = [c.ref for c in stops if c.is_active]
    if firing:
        return f"{' and '.join(firing)} {'is' if len(firing) == 1 else 'are'} past the limit"
    unknown = [c for c in answer.conditions if c.is_owed and not c.observe_only]
    if unknown:
        return f"Not known since {on(answer.data_to)}" if answer.data_to else "Not known yet"
    if ups and all(c.is_unknown for c in ups):
        return "Too early to tell"
    met = sum(c.is_firing for c in ups)
    shares = {c.ref: way_to(c, rules.get(c.ref)).share or 0.0 for c in stops}
    near = max(shares, key=lambda ref: shares[ref], default="")
    stop = f"{near} {shares[near]:.0%} of the way" if near and shares[near] >= 0.5 else "no stop near"
    return f"{met} of {len(ups)} met; {stop}" if stops else f"{met} of {len(ups)} met"


def _watched(pilot: Pilot, answer: PilotAnswer | None) -> Metric | None:
    """Return the metric of the loudest condition, or the first one."""
    metrics = {metric.ref: metric for metric in pilot.metrics.all()}
    if answer is not None:
        for condition in sorted(answer.conditions, key=loudness):
            if condition.metric in metrics:
                return metrics[condition.metric or ""]
    return next(iter(metrics.values()), None)


def _days_of(metrics: Sequence[Metric], *, today: date) -> dict[int, list[Day]]:
    """Return the last weeks of each metric by day, all segments together; one query."""
    kinds = {metric.pk: MetricKind(metric.kind) for metric in metrics}
    longest = max((metric.window_days for metric in metrics), default=0)
    rows = totals_by_day(kinds, first=today - timedelta(days=TREND_DAYS + longest))
    return {metric: added_up(days, kinds[metric]) for metric, days in rows.items()}


def _trend(
    metric: Metric, answer: PilotAnswer | None, days: Sequence[Day], pilot: Pilot, *, today: date
) -> Trend:
    levels = windowed(days, MetricKind(metric.kind), window=metric.window_days)
    first = today - timedelta(days=TREND_DAYS)
    shown = [level for day, level in zip(days, levels, strict=True) if day.day > first]
    overall = _overall(metric, answer)
    name = f"{metric.name}, {metric.unit}" if metric.unit else metric.name
    if overall is None:
        label = f"{name}, last {len(shown)} days"
        return Trend(name, sparkline(shown, base=None, limit=None, limit_look="", label=label), "")
    rule = next((c for c in pilot.conditions.all() if c.ref == overall.ref), None)
    label = f"{name}, last {len(shown)} days, with the baseline (dashed) and the limit of {overall.ref}"
    spark = sparkline(
        shown,
        base=None if overall.baseline is None else per_reading(overall.baseline, rule),
        limit=limit_value(overall, rule),
        limit_look=f"l-{LOOKS[overall.kind]}",
        label=label,
    )
    return Trend(name, spark, _change_words(overall))


def _overall(metric: Metric, answer: PilotAnswer | None) -> ConditionAnswer | None:
    if answer is None:
        return None
    of_all = [c for c in answer.conditions if c.metric == metric.ref and c.scope == OVERALL]
    return min(of_all, key=loudness, default=None)


def _change_words(answer: ConditionAnswer) -> str:
    if answer.is_owed:
        return "?"
    if answer.is_unknown or answer.change is None:
        return "too early" if answer.is_unknown else ""
    return signed_percent(answer.change)
