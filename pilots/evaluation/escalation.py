"""How long an alert waits for whom, by its severity; what is due next. All of it a function of `now`.

The numbers are the product's rules: alerts-and-impact 5–7, 10 and 11 of its design.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pilots.evaluation.vocabulary import Severity
from pilots.evaluation.wording import counted
from pilots.evaluation.working_days import after_working_time


@dataclass(frozen=True, slots=True)
class Wait:
    """A length of time; in working time, days are Monday to Friday of the pilot's zone."""

    length: timedelta
    working_time: bool = False

    def after(self, start: datetime, timezone: str) -> datetime:
        if self.working_time:
            return after_working_time(start, self.length, timezone)
        return start + self.length

    @property
    def words(self) -> str:
        """Say it as "30 minutes", "4 hours" or "3 working days"."""
        minutes = int(self.length.total_seconds()) // 60
        kind = "working " if self.working_time else ""
        for unit, size in (("day", 1440), ("hour", 60)):
            if minutes % size == 0 and (minutes > size or unit == "hour" or self.working_time):
                return counted(minutes // size, f"{kind}{unit}")
        return counted(minutes, f"{kind}minute")


def _hours(hours: float) -> Wait:
    return Wait(timedelta(hours=hours))


def _days(days: int) -> Wait:
    return Wait(timedelta(days=days))


def _working_days(days: int) -> Wait:
    return Wait(timedelta(days=days), working_time=True)


SEV1, SEV2, SEV3, SEV4 = Severity

# How long a step has to answer before the next is told, where a policy does not say it.
STEP_WAITS: Mapping[Severity, Wait | None] = {
    SEV1: _hours(0.5),
    SEV2: _hours(4),
    SEV3: _working_days(1),
    SEV4: None,  # nobody is hurried
}
# How long an alert is somebody's before they are asked whether they are still on it.
HELD_FOR = {SEV1: _hours(4), SEV2: _hours(24), SEV3: _working_days(3), SEV4: _working_days(7)}
# How long they have to answer that.
ANSWER_WITHIN = {
    SEV1: _hours(0.5),
    SEV2: _hours(2),
    SEV3: _working_days(1),
    SEV4: _working_days(1),
}
LONGEST_SNOOZE = {SEV1: _hours(24), SEV2: _days(3), SEV3: _days(14), SEV4: _days(14)}
# When people are told again of what is unchanged and nobody's; of SEV4 in a weekly summary.
REPEATS_AFTER = {SEV1: _hours(4), SEV2: _hours(24), SEV3: _days(3), SEV4: _days(7)}
IN_A_SUMMARY = (SEV4,)

STALLS_AFTER = _days(7)
MOST_REPEATS = 5
FLAPS_WITHIN = timedelta(days=7)
FLAPS_AT = 4


class Due(StrEnum):
    """What comes due of an alert; of the same instant the first comes first."""

    SNOOZE_OVER = "snooze_over"
    ACCEPTED_UNTIL = "accepted_until"
    NO_ANSWER = "no_answer"
    REMINDER = "reminder"
    STEP = "step"
    REPEAT = "repeat"
    STALL = "stall"


@dataclass(frozen=True, slots=True)
class Clock:
    """The instants of an alert. Which of them count follows from its status.

    `waiting_since` is when a person last acted on it, or else when it opened.
    """

    severity: Severity
    timezone: str
    status: str
    waiting_since: datetime
    step_due_at: datetime | None = None
    acknowledged_until: datetime | None = None
    reminded_at: datetime | None = None
    snoozed_until: datetime | None = None
    accepted_until: datetime | None = None
    repeat_at: datetime | None = None
    repeats: int = 0
    stalled_at: datetime | None = None


def next_due(clock: Clock) -> tuple[datetime, Due] | None:
    """Return what comes due first, and when; None: nothing does before a person or the engine acts."""
    order = list(Due)
    return min(_instants(clock), key=lambda one: (one[0], order.index(one[1])), default=None)


def _instants(clock: Clock) -> Iterator[tuple[datetime, Due]]:
    match clock.status:
        case "open":
            yield from _while_open(clock)
        case "acknowledged" if clock.reminded_at:
            answer = ANSWER_WITHIN[clock.severity]
            yield answer.after(clock.reminded_at, clock.timezone), Due.NO_ANSWER
        case "acknowledged" if clock.acknowledged_until:
            yield clock.acknowledged_until, Due.REMINDER
        case "snoozed" if clock.snoozed_until:
            yield clock.snoozed_until, Due.SNOOZE_OVER
        case "resolved" if clock.accepted_until:
            yield clock.accepted_until, Due.ACCEPTED_UNTIL


def _while_open(clock: Clock) -> Iterator[tuple[datetime, Due]]:
    if clock.step_due_at:
        yield clock.step_due_at, Due.STEP
    if clock.stalled_at:
        return
    if clock.repeat_at:
        stalls = clock.repeats >= MOST_REPEATS
        yield clock.repeat_at, Due.STALL if stalls else Due.REPEAT
    yield STALLS_AFTER.after(clock.waiting_since, clock.timezone), Due.STALL


def flaps(turns: int) -> bool:
    """Say whether that many openings and closings within a week are a coming and going."""
    return turns >= FLAPS_AT


def held_open_until(calm_since: datetime, *, recover_periods: int, cadence_days: int) -> datetime:
    """Return until when what comes and goes has to stay calm: as long again as its rule asks for."""
    return calm_since + timedelta(days=recover_periods * cadence_days)
