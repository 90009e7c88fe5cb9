"""The newest stored answer about a pilot, as the pages read it. Nothing is judged again here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, TypeVar

from pilots.evaluation.vocabulary import ConditionKind, DataState, Episode, Truth
from pilots.models import Evaluation

T = TypeVar("T")

# Who has to do something about it comes first.
KINDS = (ConditionKind.STOP_CONDITION, ConditionKind.ESCALATION_TRIGGER, ConditionKind.THRESHOLD)
PATIENCE = (DataState.AWAITING_FIRST, DataState.TOO_SMALL, DataState.USABLE)


@dataclass(frozen=True, slots=True)
class ConditionAnswer:
    """One condition in one scope; shares and signs as in the stored document."""

    ref: str
    kind: str
    scope: str = "overall"
    metric: str | None = None
    data_state: str = ""
    truth: str = "unknown"
    episode: str = "clear"
    value: float | None = None
    baseline: float | None = None
    change: float | None = None
    low: float | None = None
    high: float | None = None
    limit: float | None = None
    n: int = 0
    since: date | None = None
    why: str | None = None
    sentence: str = ""
    name: str = ""
    severity: str = "SEV4"
    observe_only: bool = False
    must_watch: bool = False
    early_warning: bool = False
    withdrawn: bool = False
    unsettled: bool = False
    sample: int = 0
    day: int | None = None
    method: str = "point"
    split: str | None = None
    left_out: Sequence[Mapping[str, str]] | None = None

    @property
    def is_firing(self) -> bool:
        return self.episode == Episode.FIRING

    @property
    def is_active(self) -> bool:
        return self.episode in (Episode.FIRING, Episode.RECOVERING)

    @property
    def is_unknown(self) -> bool:
        return self.truth == Truth.UNKNOWN

    @property
    def is_owed(self) -> bool:
        """Say whether somebody owes the data behind an unknown."""
        return self.is_unknown and self.data_state not in PATIENCE

    @property
    def is_stop(self) -> bool:
        return self.kind == ConditionKind.STOP_CONDITION

    @property
    def is_trigger(self) -> bool:
        return self.kind == ConditionKind.ESCALATION_TRIGGER

    @property
    def is_threshold(self) -> bool:
        return self.kind == ConditionKind.THRESHOLD


@dataclass(frozen=True, slots=True)
class MetricAnswer:
    ref: str
    name: str
    state: str
    sentence: str = ""
    last_day: date | None = None
    next_due: datetime | None = None
    overdue_after: datetime | None = None
    n: int = 0

    @property
    def is_owed(self) -> bool:
        return self.state not in PATIENCE


@dataclass(frozen=True, slots=True)
class DriverAnswer:
    ref: str
    name: str
    state: str
    sentence: str = ""
    required: bool = True
    change: float | None = None
    then: Mapping[str, float] | None = None
    now: Mapping[str, float] | None = None
    psi: float | None = None
    divergence: float | None = None
    valid_on: date | None = None


@dataclass(frozen=True, slots=True)
class PilotAnswer:
    """What was concluded of a pilot, and as of when."""

    as_of: datetime
    verdict: str
    reason: str
    sentence: str
    badges: tuple[str, ...]
    conditions: tuple[ConditionAnswer, ...]
    metrics: tuple[MetricAnswer, ...]
    drivers: tuple[DriverAnswer, ...]

    def metric(self, ref: str) -> MetricAnswer | None:
        return next((m for m in self.metrics if m.ref == ref), None)

    def left_out(self, metric: str) -> frozenset[tuple[date, str]]:
        """Return the days and segments of a metric that were set aside as implausible."""
        spots = (s for c in self.conditions if c.metric == metric for s in c.left_out or ())
        return frozenset((date.fromisoformat(spot["day"]), spot["segment"]) for spot in spots)

    @property
    def data_to(self) -> date | None:
        """Return the last day that every metric with readings has reached."""
        return min((m.last_day for m in self.metrics if m.last_day), default=None)


def answer_of(evaluation: Evaluation | None) -> PilotAnswer | None:
    """Read a stored evaluation; None where nothing was concluded yet."""
    if evaluation is None:
        return None
    document = evaluation.result
    return PilotAnswer(
        as_of=evaluation.as_of,
        verdict=evaluation.verdict,
        reason=evaluation.reason,
        sentence=evaluation.sentence,
        badges=tuple(evaluation.badges),
        conditions=tuple(_read(ConditionAnswer, c) for c in document.get("conditions", ())),
        metrics=tuple(_read(MetricAnswer, m) for m in document.get("metrics", ())),
        drivers=tuple(_read(DriverAnswer, d) for d in document.get("drivers", ())),
    )


def _read(kind: type[T], document: Mapping[str, Any]) -> T:
    """Build an answer from its part of the document; what a later evaluator adds is not read."""
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    values = {name: _typed(name, value) for name, value in document.items() if name in names}
    return kind(**values)


def _typed(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in ("since", "last_day", "valid_on"):
        return date.fromisoformat(value)
    if name in ("next_due", "overdue_after"):
        return datetime.fromisoformat(value)
    return value
