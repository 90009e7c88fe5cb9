"""Which looks have to be judged: only the newest, or all of them again where what they saw has changed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from pilots.evaluation.conditions import Judged
from pilots.evaluation.continuances import decisions_on, mark_of
from pilots.evaluation.days import days_between
from pilots.evaluation.intervals import judge_look
from pilots.evaluation.looks import Look, MetricLook, Trail
from pilots.evaluation.quality import grace_of
from pilots.evaluation.sights import Glance
from pilots.evaluation.specs import BaselineSpec, ConditionMemory, ConditionSpec
from pilots.evaluation.streaks import NONE_YET, Streak
from pilots.evaluation.vocabulary import Arm

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Course:
    """The periods to fold, the streak they go on from, and what the next look has to remember.

    `readings` are the days of the rule's reading periods. A course that `goes_on` judged only what
    was new; any other judged every look again.
    """

    periods: Sequence[Judged]
    last: Judged | None
    readings: Sequence[date]
    onto: Streak = NONE_YET
    goes_on: bool = False
    judged_to: date | None = None
    origin: str = ""
    seen: str = ""
    first_variances: Mapping[str, float] = field(default_factory=dict)


def course_of(
    look: Look, condition: ConditionSpec, scope: str, metric: MetricLook, memory: ConditionMemory | None
) -> Course:
    """Judge a rule by the interval method at every look that memory does not answer for."""
    baseline, settling = metric.spec.baseline, timedelta(days=metric.spec.maturity_days)
    readings = _readings(look, condition, metric)
    newest, counts_from = look.day - settling, look.counts_from(condition)
    if baseline is None or not metric.quality.has_baseline or newest < counts_from:
        return Course((), None, readings)
    origin, seen = _origin(look, baseline), _seen(look, condition, scope, to=look.day)
    held = memory if memory and memory.origin == origin else None
    goes_on = held is not None and _still_stands(look, condition, scope, metric, held, newest)
    first_variances = dict(held.first_variances) if held else {}
    before: tuple[Judged, ...] = ()
    if held and held.judged_to and goes_on:
        first = held.judged_to + DAY
    else:
        before = _untouched(look, condition, scope, metric) if held else ()
        first = before[-1].day + DAY if before else counts_from
    days = days_between(min(first, newest), newest)
    judged = _judged(look, condition, scope, metric, days, first_variances)
    periods = (*before, *(period for period in judged if period.day >= first))
    _leave_trail(look, condition, scope, metric, periods, goes_on=goes_on)
    return Course(
        periods=periods,
        last=judged[-1],
        readings=readings,
        onto=_streak(held) if held and goes_on else NONE_YET,
        goes_on=goes_on,
        judged_to=newest,
        origin=origin,
        seen=seen,
        first_variances=first_variances,
    )


def remembered(course: Course, streak: Streak, version: int) -> ConditionMemory:
    return ConditionMemory(
        episode=streak.episode,
        since=streak.since,
        version=version,
        run=streak.run,
        calm=streak.calm,
        last_active=streak.last_active,
        last_reading=streak.last_reading or course.onto.last_reading,
        judged_to=course.judged_to,
        origin=course.origin,
        seen=course.seen,
        first_variances=course.first_variances,
    )


def _judged(
    look: Look,
    condition: ConditionSpec,
    scope: str,
    metric: MetricLook,
    days: Sequence[date],
    first_variances: dict[str, float],
) -> list[Judged]:
    rule = look.rule(condition, scope)
    settling = timedelta(days=metric.spec.maturity_days)
    looks = [day + settling for day in days]
    columns = [look.estimates(metric, part, looks) for part in rule.parts]
    estimates = zip(*columns, strict=True) if columns else (() for _ in days)
    return [
        judge_look(rule, _glance(look, metric, day, looked_on), found, first_variances)
        for day, looked_on, found in zip(days, looks, estimates, strict=True)
    ]


def _glance(look: Look, metric: MetricLook, day: date, looked_on: date) -> Glance:
    known = bisect_right(metric.all_days, looked_on)
    newest = metric.all_days[known - 1] if known else None
    place = bisect_left(metric.all_days, day)
    patience = timedelta(days=metric.spec.cadence_days) + grace_of(metric.spec)
    stale = newest is not None and looked_on - newest > patience
    blocked = "driver_moved" if look.moved_numbers else "stale" if stale else None
    return Glance(
        day=day,
        looked_on=looked_on,
        is_reading=place < len(metric.all_days) and metric.all_days[place] == day,
        controlled=bool(look.series.rows(metric.spec.ref, Arm.CONTROL)),
        blocked=blocked,
    )


def _readings(look: Look, condition: ConditionSpec, metric: MetricLook) -> Sequence[date]:
    return metric.days[bisect_left(metric.days, look.counts_from(condition)) :]


def _origin(look: Look, baseline: BaselineSpec) -> str:
    return f"{look.first_day} {baseline.version} {baseline.first_day} {baseline.last_day}"


def _seen(look: Look, condition: ConditionSpec, scope: str, *, to: date) -> str:
    """Return what differs once another reading up to a day, or another decision, is known."""
    digest, decided = (
        look.series.digest(condition.metric, to=to),
        mark_of(decisions_on(condition, scope, look)),
    )
    return f"{digest} {decided}" if decided else digest


def _still_stands(
    look: Look, condition: ConditionSpec, scope: str, metric: MetricLook, held: ConditionMemory, newest: date
) -> bool:
    """Say whether the looks that were judged saw what is known of their days now."""
    if held.judged_to is None or held.judged_to > newest:
        return False
    looked_on = held.judged_to + timedelta(days=metric.spec.maturity_days)
    return held.seen == _seen(look, condition, scope, to=looked_on)


def _untouched(look: Look, condition: ConditionSpec, scope: str, metric: MetricLook) -> tuple[Judged, ...]:
    """Return the periods of a trail that come before the first day that has changed since."""
    trail = look.foresight.trails.get((condition.ref, scope))
    if trail is None:
        return ()
    now = look.series.marks(metric.spec.ref)
    changed = (day for day in trail.marks.keys() | now.keys() if trail.marks.get(day) != now.get(day))
    first = min(changed, default=date.max)
    settling = timedelta(days=metric.spec.maturity_days)
    return tuple(period for period in trail.periods if period.day + settling < first)


def _leave_trail(
    look: Look,
    condition: ConditionSpec,
    scope: str,
    metric: MetricLook,
    periods: tuple[Judged, ...],
    *,
    goes_on: bool,
) -> None:
    """Keep what was judged for a later look of the same replay."""
    trails, key = look.foresight.trails, (condition.ref, scope)
    before = trails[key].periods if goes_on and key in trails else ()
    trails[key] = Trail((*before, *periods), dict(look.series.marks(metric.spec.ref)))


def _streak(held: ConditionMemory) -> Streak:
    return Streak(held.episode, held.since, held.run, held.calm, held.last_active, held.last_reading)
