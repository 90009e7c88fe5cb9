"""What was found of one condition in one scope: the material of its result and its sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pilots.evaluation.conditions import BELOW_FLOOR, Judged, Measure
from pilots.evaluation.days import day_number
from pilots.evaluation.measures import signed_limit
from pilots.evaluation.quality import Quality
from pilots.evaluation.results import ConditionResult, Interval
from pilots.evaluation.specs import ConditionMemory, ConditionSpec, ContinuanceSpec, DriverSpec, MetricSpec
from pilots.evaluation.streaks import Streak
from pilots.evaluation.vocabulary import ConditionKind, DataState, Direction, Truth

NOTHING = Measure(value=None, baseline=None, change=None, n=0, sample=0)
NO_STREAK = Streak()


@dataclass(frozen=True, slots=True)
class Finding:
    """One condition in one scope at the look of `day`; `last` is its newest judged reading period."""

    condition: ConditionSpec
    scope: str
    day: date
    first_day: date
    state: DataState
    truth: Truth
    why: str | None
    streak: Streak = NO_STREAK
    last: Judged | None = None
    metric: MetricSpec | None = None
    quality: Quality | None = None
    driver: DriverSpec | None = None
    measure: Measure = NOTHING
    withdrawn: bool = False
    unsettled: bool = False
    interval: Interval | None = None
    memory: ConditionMemory | None = None
    decision: ContinuanceSpec | None = None  # to go on although it is, or may be, past its limit

    @property
    def is_early_warning(self) -> bool:
        """Say whether a stop condition is past its limit on fewer cases or days than its floor."""
        is_stop = self.condition.kind is ConditionKind.STOP_CONDITION
        return is_stop and self.last is not None and self.last.past and self.why in BELOW_FLOOR

    @property
    def limit(self) -> float | None:
        """Return the limit with the sign the data has there."""
        return self.signed(self.condition.limit)

    def signed(self, limit: float | None) -> float | None:
        """Return a limit in the rule's own terms with the sign the data has there."""
        if self.condition.spans_a_gap:
            return limit
        direction = self.metric.direction if self.metric else Direction.LOWER_IS_BETTER
        return signed_limit(limit, self.condition.comparison, direction)

    def result(self, sentence: str, *, split: str | None = None) -> ConditionResult:
        condition, measure = self.condition, self.measure
        return ConditionResult(
            ref=condition.ref,
            name=condition.name,
            kind=condition.kind,
            scope=self.scope,
            metric=condition.metric or None,
            data_state=self.state,
            truth=self.truth,
            episode=self.streak.episode,
            value=measure.value,
            baseline=measure.baseline,
            change=measure.change,
            low=self.interval.low if self.interval else None,
            high=self.interval.high if self.interval else None,
            limit=self.limit,
            n=measure.n,
            since=self.streak.since,
            why=self.why if self.truth is Truth.UNKNOWN else None,
            sentence=sentence,
            severity=condition.severity,
            observe_only=condition.observe_only,
            must_watch=condition.must_watch,
            early_warning=self.is_early_warning,
            withdrawn=self.withdrawn,
            unsettled=self.unsettled,
            sample=measure.sample,
            day=day_number(self.day, self.first_day),
            method=condition.method,
            interval=self.interval,
            split=split,
            memory=self.memory,
            continued_on=self.decision.decided_on if self.decision else None,
        )
