"""One headline for a pilot, by precedence; the facts below it stay visible as badges."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pilots.evaluation.quality import OWED
from pilots.evaluation.results import ConditionResult, DriverResult
from pilots.evaluation.streaks import ACTIVE
from pilots.evaluation.vocabulary import (
    ConditionKind,
    DataState,
    DriverState,
    Episode,
    Truth,
    Verdict,
)
from pilots.evaluation.wording import label

PATIENCE = (DataState.AWAITING_FIRST, DataState.TOO_SMALL)  # nobody owes anything but time


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the running stage stands: its day, its cases, its gates, and whether its planned end is here."""

    day: int
    sample: int
    min_days: int = 0
    min_sample: int = 0
    is_over: bool = False

    @property
    def gates_met(self) -> bool:
        return self.day >= self.min_days and self.sample >= self.min_sample


@dataclass(frozen=True, slots=True)
class Headline:
    """A verdict, the short word of its reason, and the rules (`ref scope`) or drivers it rests on."""

    verdict: Verdict
    why: str
    refs: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        return f"{self.why}: {', '.join(self.refs)}" if self.refs else self.why


@dataclass(frozen=True, slots=True)
class Facts:
    """What a headline is decided on: the enforced conditions, the required drivers, the stage."""

    conditions: tuple[ConditionResult, ...]
    drivers: tuple[DriverResult, ...]
    standing: Standing

    @property
    def thresholds(self) -> tuple[ConditionResult, ...]:
        return self._of(ConditionKind.THRESHOLD)

    @property
    def stops(self) -> tuple[ConditionResult, ...]:
        return self._of(ConditionKind.STOP_CONDITION)

    @property
    def triggers(self) -> tuple[ConditionResult, ...]:
        return self._of(ConditionKind.ESCALATION_TRIGGER)

    @property
    def unknown(self) -> tuple[ConditionResult, ...]:
        return tuple(c for c in self.conditions if c.truth is Truth.UNKNOWN)

    def _of(self, kind: ConditionKind) -> tuple[ConditionResult, ...]:
        return tuple(c for c in self.conditions if c.kind is kind)


def enforced(
    conditions: Iterable[ConditionResult], drivers: Iterable[DriverResult], standing: Standing
) -> Facts:
    """Leave out what is only observed or not required: it never reaches the headline."""
    return Facts(
        conditions=tuple(c for c in conditions if not c.observe_only),
        drivers=tuple(d for d in drivers if d.required),
        standing=standing,
    )


def decide_headline(facts: Facts) -> Headline:
    """Return the first verdict that applies, in order of precedence."""
    for rule in PRECEDENCE:
        headline = rule(facts)
        if headline is not None:
            return headline
    return Headline(Verdict.ON_TRACK, "no_limit_passed")


def _stop(facts: Facts) -> Headline | None:
    return _headline(Verdict.STOP, "firing", (s for s in facts.stops if s.episode is Episode.FIRING))


def _escalate(facts: Facts) -> Headline | None:
    # A trigger that recovers is not over before it has recovered.
    active = _headline(Verdict.ESCALATE, "firing", (t for t in facts.triggers if t.episode in ACTIVE))
    # Going on is decided, and still no reason to call it on track.
    going_on = (s for s in facts.stops if s.continued_on and s.truth is Truth.TRUE)
    continued = _headline(Verdict.ESCALATE, "continued", going_on)
    harmed = _headline(Verdict.ESCALATE, "harm_proven", (s for s in facts.stops if _is_worse(s)))
    blind = (s for s in facts.stops if s.must_watch and s.truth is Truth.UNKNOWN and s.data_state in OWED)
    return active or continued or harmed or _headline(Verdict.ESCALATE, "cannot_watch", blind)


def _is_worse(stop: ConditionResult) -> bool:
    """Say whether harm is proven, short of the stop limit or not for long enough yet."""
    known = stop.interval is not None and stop.truth is not Truth.UNKNOWN
    return known and stop.interval is not None and stop.interval.worse


def _revisit(facts: Facts) -> Headline | None:
    for state in (DriverState.MOVED, DriverState.UPDATE_DUE):
        refs = tuple(d.ref for d in facts.drivers if d.state is state)
        if refs:
            return Headline(Verdict.REVISIT, f"driver_{state.value}", refs)
    return _headline(Verdict.REVISIT, "rule_edited", (c for c in facts.conditions if c.unsettled))


def _scale_up(facts: Facts) -> Headline | None:
    if not is_ready_to_scale(facts) or not facts.standing.gates_met or _held_back(facts):
        return None
    return _headline(Verdict.SCALE_UP, "all_met", facts.thresholds)


def _inconclusive(facts: Facts) -> Headline | None:
    if not facts.standing.is_over:
        return None
    unknown = (c for c in (*facts.thresholds, *facts.stops) if c.truth is Truth.UNKNOWN)
    open_questions = (*unknown, *(_held_back(facts) if is_ready_to_scale(facts) else ()))
    could_not_tell = _headline(Verdict.INCONCLUSIVE, "could_not_tell", open_questions)
    unmet = tuple(label(t.ref, t.scope) for t in facts.thresholds if t.episode is not Episode.FIRING)
    return could_not_tell or Headline(Verdict.INCONCLUSIVE, "not_met", unmet)


def _cannot_tell(facts: Facts) -> Headline | None:
    if not facts.conditions:
        return Headline(Verdict.CANNOT_TELL, "no_conditions")
    owed = [c for c in facts.unknown if c.data_state not in PATIENCE]
    held = _held_back(facts) if is_ready_to_scale(facts) else []
    unknown = _headline(Verdict.CANNOT_TELL, _why(owed), owed)
    return unknown or _headline(Verdict.CANNOT_TELL, "held_back", held)


def _early(facts: Facts) -> Headline | None:
    if is_ready_to_scale(facts):
        return Headline(Verdict.EARLY, "stage_gates")
    return _headline(Verdict.EARLY, _why(facts.unknown), facts.unknown)


PRECEDENCE: tuple[Callable[[Facts], Headline | None], ...] = (
    _stop,
    _escalate,
    _revisit,
    _scale_up,
    _inconclusive,
    _cannot_tell,
    _early,
)


def is_ready_to_scale(facts: Facts) -> bool:
    """Say whether every threshold is met and every stop condition is known not to apply; gates aside."""
    met = bool(facts.thresholds) and all(t.episode is Episode.FIRING for t in facts.thresholds)
    return met and not _blocking(facts.stops)


def _held_back(facts: Facts) -> list[ConditionResult]:
    """Return the thresholds that rest on days of which some were set aside as implausible of late."""
    return [t for t in facts.thresholds if t.interval is not None and t.interval.held_by]


def scale_up_badge(facts: Facts) -> str | None:
    """Return "Scale up: 2 of 3 met, blocked by S1", or None without thresholds."""
    refs = dict.fromkeys(t.ref for t in facts.thresholds)
    unmet = {t.ref for t in facts.thresholds if t.episode is not Episode.FIRING}
    if not refs:
        return None
    blocking, triggers = _blocking(facts.stops), (t for t in facts.triggers if t.episode in ACTIVE)
    past = [s for s in blocking if s.episode is Episode.FIRING or s.truth is Truth.TRUE]
    blocked = _refs(", blocked by", (*past, *triggers))
    waiting = _refs(", waiting for", (s for s in blocking if s not in past))
    return f"Scale up: {len(refs) - len(unmet)} of {len(refs)} met{blocked}{waiting}"


def _refs(words: str, conditions: Iterable[ConditionResult]) -> str:
    refs = dict.fromkeys(condition.ref for condition in conditions)
    return f"{words} {', '.join(refs)}" if refs else ""


def _blocking(stops: Iterable[ConditionResult]) -> list[ConditionResult]:
    """Return the stop conditions that are not known to be false on usable data; unknown is not enough."""
    return [
        stop
        for stop in stops
        if stop.truth is not Truth.FALSE
        or stop.data_state is not DataState.USABLE
        or stop.episode is Episode.FIRING
    ]


def _why(conditions: Sequence[ConditionResult]) -> str:
    return (conditions[0].why if conditions else None) or ""


def _headline(verdict: Verdict, why: str, conditions: Iterable[ConditionResult]) -> Headline | None:
    refs = tuple(label(c.ref, c.scope) for c in conditions)
    return Headline(verdict, why, refs) if refs else None
