"""How one condition stands: its state in words, how loud it is, how far it is from its limit."""

from __future__ import annotations

from pilots.evaluation.specs import GAP, OVERALL
from pilots.evaluation.vocabulary import Comparison, Episode, MetricKind
from pilots.evaluation.wording import on
from pilots.models import Condition
from pilots.reports.bars import Progress
from pilots.reports.looks import Look
from pilots.reports.results import ConditionAnswer

NEAR = 0.5  # from half of the way to its limit a stop condition is no longer calm


def look_of(answer: ConditionAnswer, way: Progress | None = None) -> Look:
    """Return the state of a condition: colour, icon, word; with the way it has gone where that is far."""
    if way is not None and not is_calm(answer, way) and _is_short_of_limit(answer):
        return Look("", "half", f"{way.share or 0:.0%} of the way to the limit")
    if answer.is_unknown and not answer.is_active:
        return _unknown_look(answer)
    since = f" since {on(answer.since)}" if answer.since else ""
    return _threshold_look(answer, since) if answer.is_threshold else _watch_look(answer, since)


def _is_short_of_limit(answer: ConditionAnswer) -> bool:
    return not answer.is_threshold and not answer.is_unknown and answer.episode == Episode.CLEAR


def _unknown_look(answer: ConditionAnswer) -> Look:
    if answer.early_warning:
        return Look("is-escalate", "escalate", "Past the limit, on few cases")
    if answer.is_owed:
        return Look("is-cannot", "cannot", "Cannot tell")
    return Look("is-early", "early", "Too early to tell")


def _threshold_look(answer: ConditionAnswer, since: str) -> Look:
    match answer.episode:
        case Episode.FIRING:
            return Look("is-scale", "track", f"Met{since}")
        case Episode.PENDING:
            return Look("is-unclear", "clock", "Past the limit, not for long enough")
        case Episode.RECOVERING:
            return Look("is-unclear", "unclear", "No longer met")
    return Look("is-unclear", "unclear", "Not met yet")


def _watch_look(answer: ConditionAnswer, since: str) -> Look:
    css, icon = ("is-stop", "stop") if answer.is_stop else ("is-escalate", "escalate")
    match answer.episode:
        case Episode.FIRING:
            return Look(css, icon, f"Past the limit{since}")
        case Episode.RECOVERING:
            return Look(css, icon, "Back within the limit, not for long enough")
        case Episode.PENDING:
            return Look("is-cannot", "clock", "Past the limit, not for long enough")
    return Look("is-track", "track", "Clear")


def loudness(answer: ConditionAnswer) -> int:
    """Order conditions by how much they ask of somebody; 0 is loudest."""
    if answer.observe_only:
        return 9
    if answer.is_active and not answer.is_threshold:
        return 0 if answer.is_stop else 1
    if answer.early_warning or (answer.episode == Episode.PENDING and not answer.is_threshold):
        return 2
    if answer.is_owed:
        return 3
    return 5 if answer.is_threshold else 6


def way_to(answer: ConditionAnswer, condition: Condition | None) -> Progress:
    """Return the share of the way from the baseline to the limit that a condition has gone."""
    look = {"threshold": "is-scale", "stop_condition": "is-stop"}.get(answer.kind, "is-escalate")
    return Progress(_share(answer, condition), thick=answer.is_active, look=look)


def _share(answer: ConditionAnswer, condition: Condition | None) -> float | None:
    """Where the baseline is not known there is no way, only this side of the limit or the other."""
    if answer.is_unknown or answer.limit is None:
        return 1.0 if answer.is_active else None
    past = 1.0 if answer.truth == "true" else 0.0
    if speaks_of_change(answer, condition):
        if answer.change is None:
            return past
        return answer.change / answer.limit if answer.limit else past
    if answer.value is None or answer.baseline is None or answer.limit == answer.baseline:
        return past
    return (answer.value - answer.baseline) / (answer.limit - answer.baseline)


def speaks_of_change(answer: ConditionAnswer, condition: Condition | None) -> bool:
    """Say whether the limit is a change against the baseline rather than a value."""
    if answer.scope.startswith(GAP):
        return True
    return (
        condition is not None and bool(condition.comparison) and Comparison(condition.comparison).is_relative
    )


def limit_value(answer: ConditionAnswer, condition: Condition | None) -> float | None:
    """Return a limit in the metric's unit, on the scale of one reading; None where it is not known."""
    if answer.limit is None:
        return None
    if not speaks_of_change(answer, condition):
        return per_reading(answer.limit, condition)
    if answer.baseline is None or answer.scope.startswith(GAP):
        return None
    return per_reading(answer.baseline * (1 + answer.limit), condition)


def per_reading(value: float, condition: Condition | None) -> float:
    """Bring a total of a window to one reading's share of it; any other level is one already."""
    metric = condition.metric if condition else None
    if condition is None or metric is None or metric.kind != MetricKind.TOTAL:
        return value
    return value / max(1, (condition.window_days or metric.window_days) // metric.cadence_days)


def is_calm(answer: ConditionAnswer, way: Progress) -> bool:
    """Say whether a watched condition is far from its limit, or is only observed."""
    if answer.observe_only:
        return True
    return _is_short_of_limit(answer) and (way.share or 0.0) < NEAR


def scope_title(scope: str) -> str:
    """Name a scope on its own: "All cases", "gold, high"."""
    if scope == OVERALL:
        return "All cases"
    if scope.startswith(GAP):
        return f"Gap between {scope.removeprefix(GAP).replace('_', ' ')}s"
    return ", ".join(part.rpartition("=")[2] for part in scope.split("|")).capitalize()
