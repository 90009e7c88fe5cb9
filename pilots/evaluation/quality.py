"""The data state of a metric: what may be concluded from it now, and who owes what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from pilots.evaluation.baselines import is_final
from pilots.evaluation.days import ONE_DAY, end_of_day, last_ended_day
from pilots.evaluation.specs import MetricSpec
from pilots.evaluation.vocabulary import DataState

OWED = (DataState.NO_BASELINE, DataState.SOURCE_ERROR, DataState.NO_DATA, DataState.STALE)


@dataclass(frozen=True, slots=True)
class Quality:
    """What a metric's readings allow; `owed` counts periods that are over and have no reading."""

    arrival: DataState  # of the readings alone
    has_baseline: bool
    last_day: date | None
    next_due: datetime | None
    overdue_after: datetime | None
    owed: int

    @property
    def state(self) -> DataState:
        return self.arrival if self.has_baseline else DataState.NO_BASELINE


def grace_of(metric: MetricSpec) -> timedelta:
    """Return how late a reading may be: a quarter of the cadence, at least a day, unless it is set."""
    if metric.grace_days is not None:
        return timedelta(days=metric.grace_days)
    return timedelta(days=max(1.0, metric.cadence_days / 4))


def assess_quality(
    metric: MetricSpec, days: Sequence[date], *, start: date, timezone: str, now: datetime
) -> Quality:
    """Judge a metric by the days it has readings of since the pilot's start.

    Stale is judged on the end of the newest period, never on the time it was entered. Where no
    entry means zero nothing is ever owed.
    """
    before = days[-1] if days else start - ONE_DAY
    next_due = end_of_day(before + timedelta(days=metric.cadence_days), timezone)
    overdue_after = _later(next_due, grace_of(metric), timezone)
    periods_over = (last_ended_day(now, timezone) - before).days // metric.cadence_days
    owes = not metric.no_entry_is_zero
    return Quality(
        arrival=_arrival(bool(days), late=now > overdue_after) if owes else DataState.USABLE,
        has_baseline=is_final(metric.baseline),
        last_day=days[-1] if days else None,
        next_due=next_due if owes else None,
        overdue_after=overdue_after if owes else None,
        owed=max(0, periods_over) if owes else 0,
    )


def _arrival(any_reading: bool, *, late: bool) -> DataState:
    if any_reading:
        return DataState.STALE if late else DataState.USABLE
    return DataState.NO_DATA if late else DataState.AWAITING_FIRST


def _later(instant: datetime, delay: timedelta, timezone: str) -> datetime:
    # By the wall clock: a day of grace ends at the same hour, also when the clocks change.
    wall = instant.astimezone(ZoneInfo(timezone)) + delay
    return wall.astimezone(UTC)
