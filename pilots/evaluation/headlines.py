"""The headline of a pilot in words, and the badges beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from pilots.evaluation.results import ConditionResult, DriverResult, MetricResult
from pilots.evaluation.verdicts import Facts, Headline, scale_up_badge
from pilots.evaluation.vocabulary import DataState, DriverState, Episode, Method, Verdict
from pilots.evaluation.wording import counted, label, listed, on

NO_THRESHOLD = "No rule says when to scale up."


def headline_sentence(headline: Headline, facts: Facts, *, planned_end: date | None) -> str:
    """Say the verdict with the fact it rests on, and what is to be decided."""
    fact = _fact(headline, facts)
    match headline.verdict:
        case Verdict.STOP:
            return f"{fact} Decide: continue, pause or stop."
        case Verdict.ESCALATE if headline.why == "cannot_watch":
            return f"{fact} {_subject(headline)} must be watched and cannot be."
        case Verdict.REVISIT if headline.why == "rule_edited":
            return (
                f"{_subject(headline)} was changed after the start and has no full new run of readings yet."
            )
        case Verdict.SCALE_UP:
            return _scale_up(facts)
        case Verdict.INCONCLUSIVE:
            passed = (
                f"The planned end was {on(planned_end)}." if planned_end else "The planned end has passed."
            )
            return f"{passed} {_unmet(headline, facts, fact)}"
        case Verdict.CANNOT_TELL if headline.why == "no_conditions":
            return "No rule is enforced yet, so there is nothing to judge."
        case Verdict.EARLY:
            return _early(headline, facts, fact)
        case Verdict.ON_TRACK:
            watched = " No stop limit is passed." if facts.stops else ""
            return f"{fact}{watched}"
    return fact


def _fact(headline: Headline, facts: Facts) -> str:
    """Return the sentence of the first rule or driver the headline rests on; on track, of the first rule."""
    if headline.verdict is Verdict.ON_TRACK:
        return next((c.sentence for c in (*facts.thresholds, *facts.conditions)), "")
    said: Iterable[tuple[str, str]] = (
        *((label(c.ref, c.scope), c.sentence) for c in facts.conditions),
        *((d.ref, d.sentence) for d in facts.drivers),
    )
    return next((sentence for ref, sentence in said if ref in headline.refs), "")


def _subject(headline: Headline) -> str:
    return listed(headline.refs)


def _scale_up(facts: Facts) -> str:
    refs = tuple(dict.fromkeys(t.ref for t in facts.thresholds))
    met = f"Your rule {refs[0]} is met" if len(refs) == 1 else f"All {len(refs)} of your rules are met"
    clear = "no stop condition applies" if facts.stops else "there is no stop condition"
    days = counted(facts.standing.day, "day")
    return f"{met}, {clear}, and the stage has run {days}. Decide on the next step."


def _unmet(headline: Headline, facts: Facts, fact: str) -> str:
    if headline.why == "could_not_tell":
        return f"{_subject(headline)} could not be told. {fact}".rstrip()
    if not headline.refs:
        return "Every rule is met, but not all that a scale-up needs." if facts.thresholds else NO_THRESHOLD
    return f"{_subject(headline)} {'was' if len(headline.refs) == 1 else 'were'} not met. {fact}"


def _early(headline: Headline, facts: Facts, fact: str) -> str:
    warnings = (stop.sentence for stop in facts.stops if stop.early_warning)
    if headline.why != "stage_gates":
        return next(warnings, f"{fact} Nothing to do yet.")
    standing = facts.standing
    gates = []
    if standing.day < standing.min_days:
        gates.append(f"day {standing.day} of at least {standing.min_days}")
    if standing.sample < standing.min_sample:
        gates.append(f"{standing.sample:,} of {counted(standing.min_sample, 'case')} so far")
    return f"Every rule is met, and the stage is at {' and '.join(gates)}. Nothing to do yet."


def badges(
    headline: Headline,
    facts: Facts,
    conditions: Iterable[ConditionResult],
    metrics: Iterable[MetricResult],
    drivers: Iterable[DriverResult],
    *,
    has_control: bool,
) -> tuple[str, ...]:
    """Return the facts below the headline, loudest first."""
    found = [
        *_scale_up_badges(headline, facts),
        *_condition_badges(conditions),
        *(f"Data: {m.sentence}" for m in metrics if m.state not in (DataState.USABLE, DataState.TOO_SMALL)),
        *(f"{d.name} moved" for d in drivers if d.state is DriverState.MOVED),
        *(f"{d.name}: update due" for d in drivers if d.state is DriverState.UPDATE_DUE),
        *_assumptions(facts, has_control=has_control),
    ]
    return tuple(dict.fromkeys(found))


def _scale_up_badges(headline: Headline, facts: Facts) -> Iterator[str]:
    badge = scale_up_badge(facts)
    if badge and headline.verdict is not Verdict.SCALE_UP:
        yield badge
    if facts.standing.is_over and headline.verdict is not Verdict.INCONCLUSIVE:
        yield "The planned end has passed"


def _condition_badges(conditions: Iterable[ConditionResult]) -> Iterator[str]:
    for condition in conditions:
        name = label(condition.ref, condition.scope)
        if condition.early_warning:
            yield f"Early warning: {name} is past its limit, on few cases so far"
        if condition.interval and condition.interval.misleads:
            yield f"The raw number misleads: {name}"
        if condition.withdrawn:
            yield f"Withdrawn after a correction: {name}"
        if condition.observe_only and condition.episode is Episode.FIRING:
            yield f"Only observed: {name} is past its limit"


def _assumptions(facts: Facts, *, has_control: bool) -> Iterator[str]:
    by_interval = [c for c in facts.conditions if c.method is Method.INTERVAL]
    by_point = [c for c in facts.conditions if c.method is Method.POINT and c.metric and c.limit is not None]
    if not has_control:
        yield "No comparison group: this assumes nothing else changed"
    elif not by_interval:
        yield "The comparison group is not used by these rules: this assumes nothing else changed"
    if by_point:
        yield "Looked at often: the limits do not allow for repeated looks"
    elif by_interval:
        yield "Looking every day is safe: the limits allow for it"
