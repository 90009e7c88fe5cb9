"""What a pilot file says, part by part. Shares and relative limits are fractions (.05 = 5 %)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date

from pilots.evaluation.specs import OVERALL
from pilots.evaluation.vocabulary import (
    Comparison,
    ConditionKind,
    DataState,
    Direction,
    Method,
    MetricKind,
    Severity,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionPart:
    key: str
    title: str = ""
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionPart:
    ref: str
    title: str = ""
    framework: str = ""
    statement: str = ""
    options: tuple[OptionPart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotPart:
    ref: str
    title: str
    start: date
    end: date | None = None
    timezone: str = "UTC"
    hypothesis: str = ""
    cadence_days: int = 1
    pause_on_stop: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePart:
    """Who has which role, by email address. One person owns the decision; the other roles are shared."""

    decision_owner: str = ""
    deputy: tuple[str, ...] = ()
    decision_maker: tuple[str, ...] = ()
    consulted: tuple[str, ...] = ()
    pilot_owner: tuple[str, ...] = ()
    metric_owner: tuple[str, ...] = ()
    reviewer: tuple[str, ...] = ()
    escalation_contact: tuple[str, ...] = ()
    communicator: tuple[str, ...] = ()
    informed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StagePart:
    """A stage and who is exposed in it: a share of the accounts, named segments, or both."""

    name: str
    share: float | None = None
    segments: tuple[str, ...] = ()
    min_days: int = 0
    min_sample: int = 0
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowPart:
    """A baseline window, both days included."""

    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricPart:
    ref: str
    name: str
    unit: str = ""
    direction: Direction = Direction.LOWER_IS_BETTER
    kind: MetricKind = MetricKind.MEAN
    cadence_days: int = 1
    maturity_days: int = 0
    window_days: int = 7
    grace_days: int | None = None  # None: a quarter of the cadence, at least a day
    min_sample: int | None = None
    owner: str = ""
    no_entry_is_zero: bool = False
    no_entry_reason: str = ""
    baseline: WindowPart | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverPart:
    """What must hold: the mix of a dimension, or a plain number (its value at the start).

    Without a `mix` (the share of each category) the baseline's own is taken.
    """

    ref: str
    name: str
    dimension: str = ""
    mix: Mapping[str, float] = field(default_factory=dict)
    value: float | None = None
    update_rule: str = ""
    update_every_days: int | None = None
    material_change: float | None = None
    required: bool = True
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionPart:
    """One rule: a limit or a data state.

    `limit` and `clear` are fractions where the comparison is relative, else in its unit.
    """

    kind: ConditionKind
    ref: str
    comparison: Comparison | None = None
    limit: float | None = None
    data_state: DataState | None = None
    name: str = ""
    metric: str = ""
    driver: str = ""
    scope: str = OVERALL
    method: Method = Method.INTERVAL
    sustained: int = 1
    sustained_days: int = 0
    recover: int = 3
    clear: float | None = None  # None: the limit itself
    window_days: int | None = None  # None: the metric's
    min_sample: int | None = None  # None: the kind's default
    min_days: int | None = None  # None: the kind's default
    alpha: float = 0.05
    severity: Severity = Severity.SEV3
    must_watch: bool = False
    observe_only: bool = False
    notify: tuple[str, ...] = ()  # roles, addresses, destinations
    policy: str = ""  # the name of who is told next; empty: what the pilot has already
    rationale: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPart:
    """One step of an escalation: who is told, and how long they have before the next is."""

    notify: tuple[str, ...]
    wait_minutes: int
    working_time: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPart:
    name: str
    steps: tuple[StepPart, ...]
    is_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewsPart:
    first: date | None = None
    every_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotFile:
    """One pilot file, version 1, checked as a whole: every name exists, every default is filled in."""

    pilot: PilotPart
    metrics: tuple[MetricPart, ...]
    conditions: tuple[ConditionPart, ...]
    decision: DecisionPart | None = None
    people: PeoplePart = PeoplePart()
    dimensions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stages: tuple[StagePart, ...] = ()
    drivers: tuple[DriverPart, ...] = ()
    escalation: tuple[PolicyPart, ...] = ()
    reviews: ReviewsPart = ReviewsPart()


ROLES = tuple(part.name for part in fields(PeoplePart))
SHARED_ROLES = tuple(role for role in ROLES if role != "decision_owner")

CONDITION_LISTS = {
    "thresholds": ConditionKind.THRESHOLD,
    "stop_conditions": ConditionKind.STOP_CONDITION,
    "escalation_triggers": ConditionKind.ESCALATION_TRIGGER,
}

DEFAULT_SEVERITY = {
    ConditionKind.THRESHOLD: Severity.SEV4,
    ConditionKind.STOP_CONDITION: Severity.SEV2,
    ConditionKind.ESCALATION_TRIGGER: Severity.SEV3,
}


def default_method(comparison: Comparison | None, kind: MetricKind | None) -> Method:
    """Return how a limit is judged where the file does not say: totals and plain values by `point`."""
    relative = comparison is not None and comparison.is_relative and kind is not MetricKind.TOTAL
    return Method.INTERVAL if relative else Method.POINT
