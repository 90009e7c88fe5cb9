"""A condition's answer at a look: its data state, its truth and its episode."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from pilots.evaluation.conditions import BELOW_FLOOR, Judged
from pilots.evaluation.continuances import decisions_on, holds_of, with_ends
from pilots.evaluation.days import ONE_DAY
from pilots.evaluation.drivers import MATERIAL_CHANGE
from pilots.evaluation.findings import NOTHING, Finding
from pilots.evaluation.looking_back import Course, course_of, remembered
from pilots.evaluation.looks import Look, MetricLook
from pilots.evaluation.measures import relative_change
from pilots.evaluation.points import judge_points
from pilots.evaluation.rules import is_by_interval
from pilots.evaluation.scopes import is_known
from pilots.evaluation.specs import ConditionMemory, ConditionSpec, ContinuanceSpec, DriverSpec
from pilots.evaluation.streaks import Streak, fold, is_unsettled, remembered_episode, settled
from pilots.evaluation.vocabulary import Comparison, ConditionKind, DataState, Method, Truth

BASELINE_LACKS = ("no_baseline", "zero_baseline", "short_baseline", "no_control_baseline")

Judge = Callable[[Look, ConditionSpec, str, MetricLook, ConditionMemory | None], Course]
Answer = tuple[DataState, Truth, str | None]  # the last names what an unknown waits for


def answer(look: Look, condition: ConditionSpec, scope: str, memory: ConditionMemory | None) -> Finding:
    """Answer one condition in one scope; what is remembered of another version counts for nothing."""
    if memory and (memory.version != condition.version or (memory.since and memory.since > look.day)):
        memory = None
    if condition.driver:
        return _of_driver(look, condition, scope, memory)
    if condition.data_state is not None:
        return _of_data_state(look, condition, condition.data_state, scope, memory)
    return _of_metric(look, condition, scope, memory)


def _of_metric(look: Look, condition: ConditionSpec, scope: str, memory: ConditionMemory | None) -> Finding:
    metric = look.metrics.get(condition.metric)
    if metric is None or not is_known(scope, look.pilot.dimensions):
        return _unanswered(look, condition, scope, "unknown_scope" if metric else "unknown_metric")
    if condition.method is Method.INTERVAL and not is_by_interval(condition, metric.spec):
        return _unanswered(look, condition, scope, "not_by_interval")
    course = JUDGES[condition.method](look, condition, scope, metric, memory)
    last = course.last
    state, truth, why = _conclude(condition, metric, last)
    holds, cadence = holds_of(look, condition, scope, metric), metric.spec.cadence_days
    newest = look.day - timedelta(days=metric.spec.maturity_days)
    periods = with_ends(course.periods, holds, to=newest, cadence_days=cadence) if holds else course.periods
    streak = fold(periods, condition, cadence_days=cadence, onto=course.onto, holds=holds)
    withdrawn = False
    if not course.goes_on:
        # What fired before a decision was ended by it, not by a correction.
        answered = [hold.first + ONE_DAY for hold in holds[-1:]]
        counts_from = max([look.counts_from(condition), *answered])
        streak, withdrawn = settled(streak, memory, course.periods, counts_from=counts_from)
    if condition.kind is ConditionKind.THRESHOLD and truth is Truth.UNKNOWN:
        # What a scale-up rests on expires the moment its data is not usable.
        streak = Streak(last_reading=streak.last_reading)
    return Finding(
        condition=condition,
        scope=scope,
        day=look.day,
        first_day=look.first_day,
        state=state,
        truth=truth,
        why=why,
        streak=streak,
        last=last,
        metric=metric.spec,
        quality=metric.quality,
        measure=last.measure if last else NOTHING,
        withdrawn=withdrawn,
        unsettled=is_unsettled(course.readings, condition, first_day=look.first_day),
        interval=last.interval if last else None,
        memory=remembered(course, streak, condition.version) if course.judged_to else None,
        decision=_decision(look, condition, scope, truth, streak),
    )


def _decision(
    look: Look, condition: ConditionSpec, scope: str, truth: Truth, streak: Streak
) -> ContinuanceSpec | None:
    """Return the decision that lets a pilot go on although its stop condition is, or may be, true."""
    if truth is Truth.FALSE or streak.is_active:
        return None
    known = decisions_on(condition, scope, look)[-1:]
    return next((one for one in known if one.until is None or look.day <= one.until), None)


def _by_points(
    look: Look, condition: ConditionSpec, scope: str, metric: MetricLook, memory: ConditionMemory | None
) -> Course:
    periods = judge_points(look.ask(condition, scope))
    return Course(periods, periods[-1] if periods else None, [period.day for period in periods])


JUDGES: Mapping[Method, Judge] = {Method.POINT: _by_points, Method.INTERVAL: course_of}


def _conclude(condition: ConditionSpec, metric: MetricLook, last: Judged | None) -> Answer:
    """Return the first data state that matches, and with it what may be concluded."""
    quality = metric.quality
    if condition.needs_baseline and not quality.has_baseline:
        return DataState.NO_BASELINE, Truth.UNKNOWN, "no_baseline"
    if quality.arrival is not DataState.USABLE:
        return quality.arrival, Truth.UNKNOWN, quality.arrival.value
    if last is None:
        return DataState.TOO_SMALL, Truth.UNKNOWN, "not_settled"
    if last.why in BASELINE_LACKS:
        return DataState.NO_BASELINE, Truth.UNKNOWN, last.why
    state = DataState.TOO_SMALL if last.why in BELOW_FLOOR else DataState.USABLE
    return state, last.truth, last.why


def _of_data_state(
    look: Look, condition: ConditionSpec, watched: DataState, scope: str, memory: ConditionMemory | None
) -> Finding:
    """Answer a condition that is true while a metric, or any of them, is in a data state."""
    metrics = [m for ref, m in look.metrics.items() if condition.metric in ("", ref)]
    if not metrics:
        return _unanswered(look, condition, scope, "unknown_metric")
    metric = next((m for m in metrics if m.quality.state is watched), metrics[0])
    truth = Truth.TRUE if metric.quality.state is watched else Truth.FALSE
    streak = _from_memory(look, condition, scope, truth, memory, cadence_days=metric.spec.cadence_days)
    return Finding(
        condition=condition,
        scope=scope,
        day=look.day,
        first_day=look.first_day,
        state=metric.quality.state,
        truth=truth,
        why=None,
        streak=streak,
        metric=metric.spec,
        quality=metric.quality,
        decision=_decision(look, condition, scope, truth, streak),
    )


def _from_memory(
    look: Look,
    condition: ConditionSpec,
    scope: str,
    truth: Truth,
    memory: ConditionMemory | None,
    *,
    cadence_days: int,
    is_past: Callable[[float], bool] = lambda limit: False,
) -> Streak:
    """Return the episode of a condition without readings; `is_past` tests it against another limit."""
    decided = next(iter(decisions_on(condition, scope, look)[-1:]), None)
    lasts = decided is not None and (decided.until is None or look.day <= decided.until)
    tripped = decided is not None and decided.limit is not None and is_past(decided.limit)
    return remembered_episode(
        memory,
        condition,
        truth,
        day=look.day,
        cadence_days=cadence_days,
        decided_on=decided.decided_on if decided else None,
        is_kept=lasts and not tripped,
    )


def _of_driver(look: Look, condition: ConditionSpec, scope: str, memory: ConditionMemory | None) -> Finding:
    """Answer a condition on a plain-number driver; a mix is not judged by its shares."""
    driver = next((d for d in look.pilot.drivers if d.ref == condition.driver), None)
    if driver is None:
        return _unanswered(look, condition, scope, "unknown_driver")
    change = relative_change(driver.current_value, driver.baseline_value)
    state, truth, why = _conclude_driver(condition, driver, change)

    def is_past(limit: float) -> bool:
        return _conclude_driver(replace(condition, limit=limit), driver, change)[1] is Truth.TRUE

    streak = _from_memory(look, condition, scope, truth, memory, cadence_days=1, is_past=is_past)
    return Finding(
        condition=condition,
        scope=scope,
        day=look.day,
        first_day=look.first_day,
        state=state,
        truth=truth,
        why=why,
        streak=streak,
        driver=driver,
        decision=_decision(look, condition, scope, truth, streak),
        measure=NOTHING._replace(value=driver.current_value, baseline=driver.baseline_value, change=change),
    )


def _conclude_driver(condition: ConditionSpec, driver: DriverSpec, change: float | None) -> Answer:
    value, limit, comparison = driver.current_value, condition.limit, condition.comparison
    if driver.dimension:
        return DataState.USABLE, Truth.UNKNOWN, "mix_not_judged"
    if value is None:
        return DataState.NO_DATA, Truth.UNKNOWN, "no_data"
    if comparison in (Comparison.ABOVE, Comparison.BELOW) and limit is not None:
        past = value > limit if comparison is Comparison.ABOVE else value < limit
    elif change is None:
        return DataState.NO_BASELINE, Truth.UNKNOWN, "no_baseline"
    else:  # a number without a better side: either way counts
        past = change != 0 and abs(change) >= (MATERIAL_CHANGE if limit is None else limit)
    return DataState.USABLE, Truth.TRUE if past else Truth.FALSE, None


def _unanswered(look: Look, condition: ConditionSpec, scope: str, why: str) -> Finding:
    return Finding(
        condition=condition,
        scope=scope,
        day=look.day,
        first_day=look.first_day,
        state=DataState.NO_DATA,
        truth=Truth.UNKNOWN,
        why=why,
    )
