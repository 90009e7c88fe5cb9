"""From truths to an episode: a fold over distinct reading periods, in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from pilots.evaluation.conditions import Judged
from pilots.evaluation.continuances import Hold, newest_by
from pilots.evaluation.days import day_number
from pilots.evaluation.specs import ConditionMemory, ConditionSpec
from pilots.evaluation.vocabulary import ConditionKind, Episode, Truth

ACTIVE = (Episode.FIRING, Episode.RECOVERING)


@dataclass(frozen=True, slots=True)
class Streak:
    """Where an episode stands after some reading periods.

    `run` counts the periods that were true in a row, `calm` those that were clear while it
    recovers; `last_active` is the newest period at which it was firing or recovering, and
    `last_reading` the newest that had a reading.
    """

    episode: Episode = Episode.CLEAR
    since: date | None = None
    run: int = 0
    calm: int = 0
    last_active: date | None = None
    last_reading: date | None = None

    @property
    def is_active(self) -> bool:
        return self.episode in ACTIVE


NONE_YET = Streak()


def fold(
    periods: Iterable[Judged],
    condition: ConditionSpec,
    *,
    cadence_days: int,
    onto: Streak = NONE_YET,
    holds: Sequence[Hold] = (),
) -> Streak:
    """Return where the episode stands after the last of the periods, going on from where it stood.

    A look on a day without a reading is judged, but it is no reading period of its own. What a
    person's decision holds does not fire, and what fired before it is over.
    """
    streak, before, too_far = onto, onto.last_reading, timedelta(days=2 * cadence_days)
    for period in periods:
        missed = period.is_reading and before is not None and period.day - before >= too_far
        hold = newest_by(holds, period.day)
        streak = _answered(streak, hold)
        if hold and hold.keeps(period) and not streak.is_active:
            streak = _held(streak, period)
        else:
            streak = next_streak(streak, period, condition, missed=missed)
        before = period.day if period.is_reading else before
    return replace(_answered(streak, holds[-1] if holds else None), last_reading=before)


def _answered(streak: Streak, hold: Hold | None) -> Streak:
    """End the episode that a decision answered: one that began before it."""
    began_before = hold is not None and streak.since is not None and streak.since < hold.first
    return _ended(streak) if began_before else streak


def _held(streak: Streak, period: Judged) -> Streak:
    """Count on what is held, so that it fires at once when the hold is over and it is still so."""
    if period.truth is Truth.UNKNOWN:
        return streak
    if period.truth is Truth.FALSE:
        return _ended(streak)
    return replace(_ended(streak), run=streak.run + period.is_reading)


def next_streak(streak: Streak, period: Judged, condition: ConditionSpec, *, missed: bool) -> Streak:
    """Return the streak after one more reading period.

    What a scale-up rests on starts over when a period is missing or cannot be answered; a stop
    condition or a trigger waits, and neither fires, recovers nor clears by silence.
    """
    if streak.since is None and period.truth is not Truth.TRUE:
        return _ended(streak) if period.truth is Truth.FALSE else streak
    if condition.kind is ConditionKind.THRESHOLD and (missed or period.truth is Truth.UNKNOWN):
        streak = _ended(streak)
    match period.truth:
        case Truth.TRUE:
            after = _after_true(streak, period, condition)
        case Truth.FALSE:
            after = _after_false(streak, period, condition)
        case Truth.UNKNOWN:
            after = streak
    return replace(after, last_active=period.day) if after.is_active else after


def _after_true(streak: Streak, period: Judged, condition: ConditionSpec) -> Streak:
    day = period.day
    if streak.is_active:
        return replace(streak, episode=Episode.FIRING, calm=0)
    run, since = streak.run + period.is_reading, streak.since or day
    long_enough = max(run, 1) >= condition.sustained_periods
    if long_enough and day_number(day, since) >= condition.sustained_days:
        return replace(streak, episode=Episode.FIRING, since=day, run=run)
    return replace(streak, episode=Episode.PENDING, since=since, run=run)


def _after_false(streak: Streak, period: Judged, condition: ConditionSpec) -> Streak:
    if condition.kind is ConditionKind.STOP_CONDITION and streak.is_active:
        return streak  # latched until a person decides
    if not streak.is_active:
        return _ended(streak) if streak.episode is Episode.PENDING else streak
    if not period.cleared:
        return replace(streak, episode=Episode.FIRING, calm=0)
    calm = streak.calm + period.is_reading
    if calm >= condition.recover_periods:
        return _ended(streak)
    return replace(streak, episode=Episode.RECOVERING, calm=calm)


def _ended(streak: Streak) -> Streak:
    return Streak(last_active=streak.last_active)


def settled(
    streak: Streak, memory: ConditionMemory | None, periods: Sequence[Judged], *, counts_from: date
) -> tuple[Streak, bool]:
    """Return the streak, and whether a firing that is remembered was withdrawn by corrected readings.

    A firing from before `counts_from` was ended by a person's decision, not by a correction; one
    that nothing answers any more stays, for silence takes nothing back.
    """
    if memory is None or memory.episode not in ACTIVE or memory.since is None:
        return streak, False
    known_since = streak.last_active is not None and streak.last_active >= memory.since
    if memory.since < counts_from or streak.is_active or known_since:
        return streak, False
    if any(period.day >= memory.since and period.truth is not Truth.UNKNOWN for period in periods):
        return streak, True
    return Streak(memory.episode, memory.since), False


def is_unsettled(days: Sequence[date], condition: ConditionSpec, *, first_day: date) -> bool:
    """Say whether a rule edited after the stage's start has not had time for a full new streak.

    The days are those of its reading periods.
    """
    if condition.counts_from is None or condition.counts_from <= first_day:
        return False
    if len(days) < max(1, condition.sustained_periods):
        return True
    return day_number(days[-1], days[0]) < condition.sustained_days


def remembered_episode(
    memory: ConditionMemory | None,
    condition: ConditionSpec,
    truth: Truth,
    *,
    day: date,
    cadence_days: int,
    decided_on: date | None = None,
    is_kept: bool = False,
) -> Streak:
    """Return the episode of a condition without readings of its own, from what is remembered of it.

    Its periods cannot be folded again, so `sustained` is counted in days. What began up to
    `decided_on` was answered by a person's decision; what `is_kept` by it does not fire.
    """
    if memory and decided_on and memory.since and memory.since <= decided_on:
        memory = None
    if is_kept and not (memory and memory.episode in ACTIVE):
        return Streak()
    held = memory if memory and memory.since and memory.version == condition.version else None
    latched = condition.kind is ConditionKind.STOP_CONDITION and held and held.episode in ACTIVE
    if held and held.episode in ACTIVE and (latched or truth is not Truth.FALSE):
        return Streak(Episode.FIRING, held.since)
    if truth is not Truth.TRUE:
        return Streak()
    since = held.since if held and held.since and held.episode is Episode.PENDING else day
    needed = max(condition.sustained_days, (condition.sustained_periods - 1) * cadence_days + 1)
    if day_number(day, since) >= needed:
        return Streak(Episode.FIRING, day)
    return Streak(Episode.PENDING, since)
