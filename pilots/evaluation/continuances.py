"""What a person's decision to go on past a stop condition does to its episode."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pilots.evaluation.conditions import Judged, LimitTest, Question, limit_test
from pilots.evaluation.days import ONE_DAY
from pilots.evaluation.looks import Look, MetricLook
from pilots.evaluation.specs import ConditionSpec, ContinuanceSpec


@dataclass(frozen=True, slots=True)
class Hold:
    """The reading periods that a decision keeps from firing: from `first` to `last`, both included.

    What fired before `first` was answered by it. Without `last` it holds until `is_past`, the test
    of its own limit, is met.
    """

    decision: ContinuanceSpec
    first: date
    last: date | None
    is_past: LimitTest
    speaks_of_change: bool

    def covers(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)

    def keeps(self, period: Judged) -> bool:
        """Say whether a period does not fire, however its rule was answered."""
        number = period.measure.change if self.speaks_of_change else period.measure.value
        return self.covers(period.day) and not (number is not None and self.is_past(number))


def decisions_on(condition: ConditionSpec, scope: str, look: Look) -> list[ContinuanceSpec]:
    """Return the decisions known at a look about this version of a rule in one scope, oldest first."""
    since = condition.counts_from or date.min
    known = (one for one in condition.continuances if one.scope == scope and one.at <= look.now)
    return sorted((one for one in known if since <= one.decided_on), key=lambda one: one.at)


def holds_of(look: Look, condition: ConditionSpec, scope: str, metric: MetricLook) -> list[Hold]:
    """Return what the decisions known at a look do to a rule's reading periods, oldest first.

    A look at day t judges the period of t less the metric's maturity, so a decision of day t holds
    from that period on.
    """
    settling = timedelta(days=metric.spec.maturity_days)
    asked = Question(condition, metric.spec, look.first_day, look.counts_from(condition), parts=())
    return [
        Hold(
            decision=decision,
            first=decision.decided_on - settling,
            last=decision.until and decision.until - settling,
            is_past=limit_test(asked, decision.limit),
            speaks_of_change=condition.needs_baseline,
        )
        for decision in decisions_on(condition, scope, look)
    ]


def mark_of(decisions: Iterable[ContinuanceSpec]) -> str:
    """Return what differs once another decision is known; nothing without any."""
    return " ".join(decision.at.isoformat() for decision in decisions)


def newest_by(holds: Sequence[Hold], day: date) -> Hold | None:
    """Return the newest hold that has begun by a day, over or not."""
    return next((hold for hold in reversed(holds) if hold.first <= day), None)


def with_ends(
    periods: Iterable[Judged], holds: Sequence[Hold], *, to: date, cadence_days: int
) -> Iterator[Judged]:
    """Yield the periods, and one of the day after each hold: what is still so fires on that day.

    It repeats the newest reading before it, where that one is not out of date, and is no reading of
    its own.
    """
    ends = sorted({hold.last + ONE_DAY for hold in holds if hold.last is not None and hold.last < to})
    before: Judged | None = None
    for period in (*periods, None):
        until = period.day if period else to + ONE_DAY
        while before and ends and ends[0] < until:
            end = ends.pop(0)
            if before.day < end and (end - before.day).days <= 2 * cadence_days:
                yield before._replace(day=end, is_reading=False)
        ends = [end for end in ends if end > until] if period else []
        if period:
            yield period
            before = period
