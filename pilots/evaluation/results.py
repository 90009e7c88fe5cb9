"""What the evaluation answers: one result per condition and scope, and one headline per pilot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from pilots.evaluation.specs import ConditionMemory
from pilots.evaluation.vocabulary import (
    ConditionKind,
    DataState,
    DriverState,
    Episode,
    Method,
    Severity,
    Truth,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class Interval:
    """What the interval method knows beside the change: fractions with the sign of the data.

    `raw` is the change of the plain number, `mix` what the mix of cases alone did to it; the rest
    is the change on the same mix. `days` counts the calendar days used, `empty_days` those of them
    without a reading, `aside` names the segments of days left out as implausible, `held_by` those
    that hold a scale-up back. `worse` says that a change for the worse is proven, `better` one for
    the better, `settled` that the limit lies outside the interval. `known_by` is the day of the
    stage by which an open question should be answered at this volume.
    """

    low: float | None = None
    high: float | None = None
    raw: float | None = None
    mix: float | None = None
    days: int = 0
    empty_days: int = 0
    aside: tuple[tuple[date, str], ...] = ()
    held_by: tuple[tuple[date, str], ...] = ()
    worse: bool = False
    better: bool = False
    settled: bool = False
    known_by: int | None = None
    thin: tuple[str, int] | None = None  # the smallest group of cases that matters, and how many
    controlled: bool = False
    misleads: bool = False  # the raw number tells another story
    merged: bool = False  # weekends and weekdays are held together, for there are too many cells


@dataclass(frozen=True, slots=True)
class ConditionResult:
    """One condition in one scope at one look.

    `value` and `baseline` are in the metric's unit; `change`, `low`, `high` and a relative
    `limit` are fractions with the sign the data has (−.05: 5 % lower); of a `gap:` scope `change`
    is the gap itself. `n` counts the cases behind `value`. `why` names the reason of an unknown.
    `since` is the first day of the present episode; `withdrawn` says that an earlier firing
    was undone by corrected readings.
    """

    ref: str
    name: str
    kind: ConditionKind
    scope: str
    metric: str | None
    data_state: DataState
    truth: Truth
    episode: Episode
    value: float | None
    baseline: float | None
    change: float | None
    low: float | None
    high: float | None
    limit: float | None
    n: int
    since: date | None
    why: str | None
    sentence: str
    severity: Severity
    observe_only: bool = False
    must_watch: bool = False
    early_warning: bool = False
    withdrawn: bool = False
    unsettled: bool = False  # the rule was edited after the start and has no full new streak yet
    sample: int = 0  # cases since the stage's first day, which the floor counts
    day: int | None = None  # day of the stage, counted from 1
    method: Method = Method.POINT
    interval: Interval | None = None
    split: str | None = None  # the raw change as mix and the same cases, in words
    memory: ConditionMemory | None = None
    continued_on: date | None = None  # a person decided to go on although it is, or may be, true


@dataclass(frozen=True, slots=True)
class MetricResult:
    """The data state of a metric, and what is known up to when."""

    ref: str
    name: str
    state: DataState
    sentence: str
    last_day: date | None
    next_due: datetime | None
    n: int
    overdue_after: datetime | None = None  # due and grace: from then on somebody owes the data


@dataclass(frozen=True, slots=True)
class DriverResult:
    ref: str
    name: str
    state: DriverState
    sentence: str
    required: bool
    change: float | None = None
    then: Mapping[str, float] | None = None
    now: Mapping[str, float] | None = None
    psi: float | None = None
    divergence: float | None = None
    impact_on: str | None = None  # the metric that `change` speaks of, where a mix moves one
    low: float | None = None
    high: float | None = None
    limit: float | None = None  # from where it matters
    since: date | None = None  # proven to matter, and not answered yet
    valid_on: date | None = None  # on which a review found the shares of `then` still valid
    memory: ConditionMemory | None = None


@dataclass(frozen=True, slots=True)
class PilotResult:
    """The headline of a pilot at one look, with everything it rests on."""

    pilot: str
    as_of: datetime
    verdict: Verdict
    reason: str
    sentence: str
    badges: tuple[str, ...]
    metrics: tuple[MetricResult, ...]
    conditions: tuple[ConditionResult, ...]
    drivers: tuple[DriverResult, ...]
    next_look_at: datetime | None
