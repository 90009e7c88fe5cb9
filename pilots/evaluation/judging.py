"""One look at a pilot: the pure function from its description, readings and memory to its result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from pilots.evaluation.answers import answer
from pilots.evaluation.days import day_number, end_of_day
from pilots.evaluation.drivers import assess_driver, update_due_on
from pilots.evaluation.headlines import badges, headline_sentence
from pilots.evaluation.interval_sentences import split_words
from pilots.evaluation.looks import Foresight, Look, MetricLook, look_at
from pilots.evaluation.mixes import assess_mix, unanswered_move
from pilots.evaluation.owing import driver_words, metric_words
from pilots.evaluation.results import ConditionResult, DriverResult, MetricResult, PilotResult
from pilots.evaluation.scheduling import next_look_at
from pilots.evaluation.scopes import expand_scopes
from pilots.evaluation.sentences import condition_sentence
from pilots.evaluation.series import Series
from pilots.evaluation.specs import AccountSum, ConditionMemory, DriverSpec, PilotSpec, Reading
from pilots.evaluation.verdicts import Standing, decide_headline, enforced
from pilots.evaluation.vocabulary import ConditionKind

Memory = Mapping[tuple[str, str], ConditionMemory]  # by condition ref and scope


def evaluate(
    pilot: PilotSpec,
    readings: Sequence[Reading],
    *,
    memory: Memory,
    now: datetime,
    accounts: Iterable[AccountSum] = (),
) -> PilotResult:
    """Judge a pilot on the readings known at `now`, in any order, and on what accounts brought to them."""
    return judge(pilot, Series(readings, accounts), memory=memory, now=now)


def judge(
    pilot: PilotSpec, series: Series, *, memory: Memory, now: datetime, foresight: Foresight | None = None
) -> PilotResult:
    """Judge a pilot on a series of the readings known at `now`."""
    look = look_at(pilot, series, now=now, foresight=foresight)
    conditions = tuple(_conditions(look, memory))
    metrics = tuple(_metric(look, metric) for metric in look.metrics.values())
    drivers = tuple(_driver(look, driver, memory.get(driver_key(driver.ref))) for driver in _drivers(look))
    facts = enforced(conditions, drivers, _standing(look))
    headline = decide_headline(facts)
    has_control = series.has_control(first=look.first_day, last=look.day)
    return PilotResult(
        pilot=pilot.ref,
        as_of=now,
        verdict=headline.verdict,
        reason=headline.reason,
        sentence=headline_sentence(headline, facts, planned_end=pilot.planned_end),
        badges=badges(headline, facts, conditions, metrics, drivers, has_control=has_control),
        metrics=metrics,
        conditions=conditions,
        drivers=drivers,
        next_look_at=next_look_at(pilot, after=now, deadlines=_deadlines(look)),
    )


def memory_of(pilot: PilotSpec, result: PilotResult) -> dict[tuple[str, str], ConditionMemory]:
    """Return what the next look has to remember of a result."""
    versions = {condition.ref: condition.version for condition in pilot.conditions}
    conditions = {
        (c.ref, c.scope): c.memory or ConditionMemory(c.episode, c.since, versions[c.ref])
        for c in result.conditions
    }
    return conditions | {driver_key(d.ref): d.memory for d in result.drivers if d.memory}


def driver_key(ref: str) -> tuple[str, str]:
    """Return the key under which a driver is remembered; no condition can be called so."""
    return f"driver:{ref}", ""


def _conditions(look: Look, memory: Memory) -> Iterator[ConditionResult]:
    for condition in look.pilot.conditions:
        for scope in expand_scopes(condition, look.pilot.dimensions):
            finding = answer(look, condition, scope, memory.get((condition.ref, scope)))
            sentence = condition_sentence(finding, timezone=look.pilot.timezone)
            yield finding.result(sentence, split=split_words(finding))


def _metric(look: Look, metric: MetricLook) -> MetricResult:
    spec, quality = metric.spec, metric.quality
    return MetricResult(
        ref=spec.ref,
        name=spec.name,
        state=quality.state,
        sentence=metric_words(spec, quality, timezone=look.pilot.timezone),
        last_day=quality.last_day,
        next_due=quality.next_due,
        n=metric.n,
        overdue_after=quality.overdue_after,
    )


def _drivers(look: Look) -> tuple[DriverSpec, ...]:
    """Return the drivers; a mix is counted from the readings, and is as fresh as they are."""
    newest = max((m.quality.last_day for m in look.metrics.values() if m.quality.last_day), default=None)
    return tuple(replace(d, updated_on=newest) if d.dimension else d for d in look.pilot.drivers)


def _driver(look: Look, driver: DriverSpec, memory: ConditionMemory | None) -> DriverResult:
    impact = assess_mix(look, driver, memory) if driver.dimension else None
    moved_on = impact.moved_on if impact else unanswered_move(driver, memory)
    drift = assess_driver(driver, look.pilot, look.series, day=look.day, impact=impact, moved_on=moved_on)
    return DriverResult(
        ref=driver.ref,
        name=driver.name,
        state=drift.state,
        sentence=driver_words(driver, drift, due=update_due_on(driver, look.pilot)),
        required=driver.required,
        change=drift.change,
        then=drift.then or None,
        now=drift.now or None,
        psi=drift.psi,
        divergence=drift.divergence,
        impact_on=impact.metric if impact else None,
        low=impact.low if impact else None,
        high=impact.high if impact else None,
        limit=impact.limit if impact else None,
        since=moved_on,
        valid_on=drift.valid_on,
        memory=impact.memory if impact else memory,
    )


def _standing(look: Look) -> Standing:
    """Return where the stage stands; its sample is that of the threshold metric with the fewest cases."""
    stage, end = look.pilot.running_stage, look.pilot.planned_end
    enforced_thresholds = (
        c for c in look.pilot.conditions if c.kind is ConditionKind.THRESHOLD and not c.observe_only
    )
    metrics = {c.metric for c in enforced_thresholds} & look.metrics.keys() or look.metrics.keys()
    return Standing(
        day=day_number(look.day, stage.first_day),
        sample=min((look.metrics[ref].n for ref in metrics), default=0),
        min_days=stage.min_days,
        min_sample=stage.min_sample,
        is_over=end is not None and look.now >= end_of_day(end, look.pilot.timezone),
    )


def _deadlines(look: Look) -> Iterator[datetime]:
    """Yield the last instants before something becomes true without a new reading."""
    for metric in look.metrics.values():
        if metric.quality.overdue_after:
            yield metric.quality.overdue_after
    days: list[date | None] = [update_due_on(driver, look.pilot) for driver in _drivers(look)]
    days += [decision.until for rule in look.pilot.conditions for decision in rule.continuances]
    for day in (*days, look.pilot.planned_end):
        if day:
            yield end_of_day(day, look.pilot.timezone)
