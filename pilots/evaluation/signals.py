"""What of a result needs a person: one signal per thing that may be told, raised or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from enum import StrEnum

from pilots.evaluation.days import last_ended_day
from pilots.evaluation.documents import condition_json, driver_json, metric_json
from pilots.evaluation.quality import grace_of
from pilots.evaluation.results import ConditionResult, DriverResult, MetricResult, PilotResult
from pilots.evaluation.specs import OVERALL, ConditionSpec, MetricSpec, PilotSpec
from pilots.evaluation.vocabulary import (
    Comparison,
    ConditionKind,
    DriverState,
    Episode,
    Severity,
    Truth,
    Verdict,
)


class SignalKind(StrEnum):
    STOP_CONDITION = "stop_condition"
    ESCALATION_TRIGGER = "escalation_trigger"
    SCALE_UP = "scale_up"
    DRIVER = "driver"
    NO_DATA = "no_data"
    TECHNICAL = "technical"
    RISK_SIGNAL = "risk_signal"
    REVIEW_OVERDUE = "review_overdue"
    SLOW_EXECUTION = "slow_execution"


# What the calendar trips is watched by a round of its own, also while a pilot is paused.
WATCHED = (SignalKind.RISK_SIGNAL, SignalKind.REVIEW_OVERDUE, SignalKind.SLOW_EXECUTION)
JUDGED = tuple(kind for kind in SignalKind if kind not in WATCHED)


class Standing(StrEnum):
    """Where a signal stands: HELD can't be told now, EASED is within its limit again but latched."""

    RAISED = "raised"
    HELD = "held"
    EASED = "eased"
    OVER = "over"
    WITHDRAWN = "withdrawn"


OPENING = (Standing.RAISED, Standing.EASED)


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing that may need a person. `value` is in the metric's unit, or a gap as a fraction.

    `facts` and `rule` are plain JSON: what was found, and the rule it was held against. `late`
    says that it began on a day that an earlier look had already judged, `decided_at` when somebody
    last decided to go on past it, as far as the look knew.
    """

    kind: SignalKind
    standing: Standing
    severity: Severity
    sentence: str
    scope: str = OVERALL
    condition: str = ""
    value: float | None = None
    higher_is_worse: bool = True
    late: bool = False
    decided_at: datetime | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    rule: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_latched(self) -> bool:
        """Say whether only a person ends it."""
        return self.kind is SignalKind.STOP_CONDITION

    def worse(self, known: float | None) -> float | None:
        """Return the worse of this value and a known one."""
        if self.value is None or known is None:
            return known if self.value is None else self.value
        return max(self.value, known) if self.higher_is_worse else min(self.value, known)


def signals_of(
    result: PilotResult, pilot: PilotSpec, *, looked_before: datetime | None
) -> tuple[Signal, ...]:
    """Return every signal of a result; `looked_before` is the instant of the look before this one."""
    judged_to = last_ended_day(looked_before, pilot.timezone) if looked_before else None
    return (
        *_of_conditions(result, pilot, judged_to),
        _of_headline(result, pilot),
        *(signal for metric in result.metrics for signal in _of_metric(metric, result, pilot)),
        *(signal for driver in result.drivers for signal in _of_driver(driver, pilot)),
    )


def is_quiet(result: PilotResult) -> bool:
    """Say whether none of a result's signals would open an alert."""
    watched = (found for found in result.conditions if _is_watched(found))
    return not (
        result.verdict is Verdict.SCALE_UP
        or any(_standing(found) in OPENING for found in watched)
        or any(_is_owed(metric, result.as_of) for metric in result.metrics)
        or any(raised for driver in result.drivers for raised in _raising(driver).values())
    )


def _of_conditions(result: PilotResult, pilot: PilotSpec, judged_to: date | None) -> Iterator[Signal]:
    specs = {c.ref: c for c in pilot.conditions}
    metrics = {m.ref: m for m in pilot.metrics}
    for found in result.conditions:
        if not _is_watched(found):
            continue
        metric = metrics.get(found.metric or "")
        yield Signal(
            kind=SignalKind(found.kind.value),
            standing=_standing(found),
            severity=found.severity,
            sentence=found.sentence,
            scope=found.scope,
            condition=found.ref,
            value=found.change if found.value is None else found.value,
            higher_is_worse=_higher_is_worse(specs[found.ref], found),
            late=_is_late(found, metric, judged_to),
            decided_at=_decided_at(specs[found.ref], found.scope, known_at=result.as_of),
            facts=condition_json(found),
            rule=_rule(specs[found.ref], metric),
        )


def _is_watched(found: ConditionResult) -> bool:
    return not found.observe_only and found.kind is not ConditionKind.THRESHOLD


def _decided_at(condition: ConditionSpec, scope: str, *, known_at: datetime) -> datetime | None:
    decided = (one.at for one in condition.continuances if one.scope == scope)
    return max((at for at in decided if at <= known_at), default=None)


def _standing(found: ConditionResult) -> Standing:
    """An open episode raises, what is unknown or only pending neither opens nor closes."""
    if found.withdrawn:
        return Standing.WITHDRAWN
    if found.episode in (Episode.FIRING, Episode.RECOVERING):
        latched = found.kind is ConditionKind.STOP_CONDITION
        return Standing.EASED if latched and found.truth is Truth.FALSE else Standing.RAISED
    return Standing.OVER if found.truth is Truth.FALSE else Standing.HELD


def _higher_is_worse(condition: ConditionSpec, found: ConditionResult) -> bool:
    if condition.comparison is Comparison.BELOW:
        return False
    return not (condition.comparison is Comparison.WORSEN_BY and (found.limit or 0.0) < 0)


def _is_late(found: ConditionResult, metric: MetricSpec | None, judged_to: date | None) -> bool:
    if judged_to is None or found.since is None:
        return False
    settled_on = found.since + timedelta(days=metric.maturity_days if metric else 0)
    return settled_on <= judged_to


def _of_headline(result: PilotResult, pilot: PilotSpec) -> Signal:
    thresholds = [c for c in pilot.conditions if c.kind is ConditionKind.THRESHOLD and not c.observe_only]
    return Signal(
        kind=SignalKind.SCALE_UP,
        standing=Standing.RAISED if result.verdict is Verdict.SCALE_UP else Standing.OVER,
        severity=Severity.SEV4,
        sentence=result.sentence,
        facts={"verdict": result.verdict.value, "reason": result.reason},
        rule={"thresholds": {c.ref: c.version for c in thresholds}},
    )


def _of_metric(found: MetricResult, result: PilotResult, pilot: PilotSpec) -> Iterator[Signal]:
    """Yield who is owed data: beyond grace, louder a second grace later, at once where it must be watched."""
    metric = next(m for m in pilot.metrics if m.ref == found.ref)
    overdue, owed = found.overdue_after, _is_owed(found, result.as_of)
    watched = any(c.must_watch and c.metric == found.ref for c in result.conditions)
    twice = owed and overdue is not None and result.as_of > overdue + grace_of(metric)
    severity = Severity.SEV2 if watched else Severity.SEV3 if twice else Severity.SEV4
    yield Signal(
        kind=SignalKind.NO_DATA,
        standing=Standing.RAISED if owed else Standing.OVER,
        severity=severity,
        sentence=found.sentence,
        scope=f"metric:{found.ref}",
        facts=metric_json(found),
        rule={
            "metric": metric.ref,
            "cadence_days": metric.cadence_days,
            "grace_days": grace_of(metric).days,
            "owner": metric.owner,
        },
    )


def _is_owed(found: MetricResult, as_of: datetime) -> bool:
    return found.overdue_after is not None and as_of > found.overdue_after


def _of_driver(found: DriverResult, pilot: PilotSpec) -> Iterator[Signal]:
    """Yield the driver that moved, where it is required, and the one whose update is owed."""
    driver = next(d for d in pilot.drivers if d.ref == found.ref)
    for kind, raised in _raising(found).items():
        quiet = Standing.HELD if found.state is DriverState.UNKNOWN else Standing.OVER
        yield Signal(
            kind=kind,
            standing=Standing.RAISED if raised else quiet,
            severity=Severity.SEV3 if kind is SignalKind.DRIVER else Severity.SEV4,
            sentence=found.sentence,
            scope=f"driver:{found.ref}",
            facts=driver_json(found),
            rule={"driver": driver.ref, "update_every_days": driver.update_every_days},
        )


def _raising(found: DriverResult) -> dict[SignalKind, bool]:
    """Return what a driver may raise, and whether it does."""
    return {
        SignalKind.NO_DATA: found.state is DriverState.UPDATE_DUE,
        SignalKind.DRIVER: found.state is DriverState.MOVED and found.required,
    }


def _rule(condition: ConditionSpec, metric: MetricSpec | None) -> Mapping[str, object]:
    """Freeze a condition as plain JSON, with the metric and the baseline version it is held against."""
    baseline = metric.baseline if metric else None
    counts_from = condition.counts_from.isoformat() if condition.counts_from else None
    rule = {f.name: getattr(condition, f.name) for f in fields(condition) if f.name != "continuances"}
    return rule | {
        "counts_from": counts_from,
        "unit": metric.unit if metric else "",
        "direction": metric.direction.value if metric else "",
        "baseline_version": baseline.version if baseline else None,
    }
