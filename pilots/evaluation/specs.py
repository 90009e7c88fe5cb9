"""What the evaluation is given: frozen descriptions of a pilot, its rules and its readings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from pilots.evaluation.moments import Moments
from pilots.evaluation.vocabulary import (
    Arm,
    Comparison,
    ConditionKind,
    DataState,
    Direction,
    Episode,
    Method,
    MetricKind,
    Severity,
)

OVERALL = "overall"
EACH = "each:"  # one scope per category of the dimension named after it
GAP = "gap:"  # the difference between the worst and the best category of the dimension
ALL_CASES = "all"  # the one segment of a pilot without dimensions


@dataclass(frozen=True, slots=True)
class Reading:
    """One metric's cases of one day, segment and arm, as its source knew them at `as_of`."""

    metric: str
    day: date
    segment: str
    moments: Moments
    as_of: datetime
    arm: Arm = Arm.PILOT

    @property
    def key(self) -> tuple[str, date, str, Arm]:
        return (self.metric, self.day, self.segment, self.arm)


@dataclass(frozen=True, slots=True)
class AccountSum:
    """What one account added to a key at one instant: the sums known later are those added up so far."""

    metric: str
    day: date
    segment: str
    arm: Arm
    account: str
    as_of: datetime
    n: int
    total: float


@dataclass(frozen=True, slots=True)
class BaselineSpec:
    """A version of a baseline: its window (both days included) and what was frozen of it.

    Without `finalised_at` nothing is compared to it. `moments` holds the pilot arm's cases by
    segment as they were frozen. Where it is empty (a pilot read from files), the readings of
    the window as known at the look serve. `daily` holds the frozen readings of the window, of both
    arms; without it the interval method takes those known at the look.
    """

    version: int
    first_day: date
    last_day: date
    finalised_at: datetime | None = None
    moments: Mapping[str, Moments] = field(default_factory=dict)
    reading_days: int | None = None  # frozen with the moments; None: every day of the window had a reading
    daily: Sequence[Reading] = ()

    @property
    def days(self) -> int:
        return (self.last_day - self.first_day).days + 1


@dataclass(frozen=True, slots=True)
class MetricSpec:
    ref: str
    name: str
    unit: str = ""
    direction: Direction = Direction.LOWER_IS_BETTER
    kind: MetricKind = MetricKind.MEAN
    cadence_days: int = 1
    maturity_days: int = 0
    window_days: int = 7
    grace_days: int | None = None  # None: a quarter of the cadence, at least a day
    no_entry_is_zero: bool = False
    owner: str = ""  # the name of who owes the data
    baseline: BaselineSpec | None = None


@dataclass(frozen=True, slots=True)
class DriverSpec:
    """What must hold for the numbers to mean something: the mix of a dimension, or a plain number."""

    ref: str
    name: str
    dimension: str = ""
    baseline_value: float | None = None
    current_value: float | None = None
    material_change: float | None = None  # a fraction; None: the method's default
    update_every_days: int | None = None
    updated_on: date | None = None
    required: bool = True
    owner: str = ""
    answered_on: date | None = None  # the day of the last review that said "still valid"


@dataclass(frozen=True, slots=True)
class ContinuanceSpec:
    """A person's decision to go on although a stop condition fired: until a day, up to a limit, or both.

    The limit is in the terms of the rule's own. `at` is the instant from which it is known.
    """

    scope: str
    decided_on: date
    at: datetime
    until: date | None = None
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class ConditionSpec:
    """One rule. A relative limit is a fraction (.05 = 5 %), an absolute one is in the metric's unit.

    `counts_from` is the first day of this version of the rule (or of its baseline): streaks
    start no earlier. None: from the running stage's first day.
    """

    ref: str
    kind: ConditionKind
    comparison: Comparison | None = None  # None, with no limit: the data state is watched
    limit: float | None = None
    metric: str = ""
    driver: str = ""
    data_state: DataState | None = None
    name: str = ""
    scope: str = OVERALL
    method: Method = Method.POINT
    sustained_periods: int = 1
    sustained_days: int = 0
    recover_periods: int = 3
    clear_limit: float | None = None
    window_days: int | None = None  # None: the metric's
    min_sample: int | None = None  # None: the kind's default floor
    min_days: int | None = None  # None: the kind's default first look
    alpha: float = 0.05
    severity: Severity = Severity.SEV3
    must_watch: bool = False
    observe_only: bool = False
    version: int = 1
    counts_from: date | None = None
    continuances: tuple[ContinuanceSpec, ...] = ()

    @property
    def spans_a_gap(self) -> bool:
        return self.scope.startswith(GAP)

    @property
    def needs_baseline(self) -> bool:
        """Say whether the limit speaks of a change, not of a value."""
        return self.spans_a_gap or (self.comparison is not None and self.comparison.is_relative)


@dataclass(frozen=True, slots=True)
class StageSpec:
    """The running stage. Days and sample are its gates before a scale-up may be called."""

    order: int
    name: str
    first_day: date
    planned_end: date | None = None
    min_days: int = 0
    min_sample: int = 0
    is_last: bool = True


@dataclass(frozen=True, slots=True)
class PilotSpec:
    ref: str
    title: str
    timezone: str
    start: date
    end: date | None
    metrics: tuple[MetricSpec, ...]
    conditions: tuple[ConditionSpec, ...]
    drivers: tuple[DriverSpec, ...] = ()
    dimensions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stage: StageSpec | None = None  # None: one stage from start to end
    cadence_days: int = 1

    @property
    def running_stage(self) -> StageSpec:
        return self.stage or StageSpec(order=1, name="", first_day=self.start, planned_end=self.end)

    @property
    def planned_end(self) -> date | None:
        """Return the last planned day of the running stage; of the last stage it is the pilot's."""
        stage = self.running_stage
        return (self.end or stage.planned_end) if stage.is_last else stage.planned_end


@dataclass(frozen=True, slots=True)
class ConditionMemory:
    """What was concluded of one condition and scope (or of a driver) at the last evaluation.

    What follows `version` lets a streak go on where it stood: `origin` names the stage and the
    baseline that were looked at, `seen` the readings up to `judged_to`. `first_variances` keeps how
    precise the first look was, by part and side; it is never updated while the origin stays.
    """

    episode: Episode
    since: date | None
    version: int = 1
    run: int = 0
    calm: int = 0
    last_active: date | None = None
    last_reading: date | None = None
    judged_to: date | None = None
    origin: str = ""
    seen: str = ""
    first_variances: Mapping[str, float] = field(default_factory=dict)
