"""A limit in the words of the person who wrote it."""

from __future__ import annotations

from pilots.evaluation.specs import EACH, GAP, OVERALL
from pilots.evaluation.vocabulary import Comparison, ConditionKind, DataState, Direction
from pilots.evaluation.wording import amount, number, percent
from pilots.models import Condition, Role
from pilots.reports.words import counted, listed

SILENCE = {
    DataState.STALE: "has late readings",
    DataState.NO_DATA: "has no readings any more",
    DataState.TOO_SMALL: "has too few cases",
    DataState.NO_BASELINE: "has no baseline",
    DataState.SOURCE_ERROR: "can't be read from its source",
    DataState.AWAITING_FIRST: "has no reading yet",
}


def rule_words(condition: Condition) -> str:
    """Say when a condition is true: "resolution time is at least 10% higher, for each severity"."""
    watched = condition.metric or condition.driver
    name = watched.name if watched else condition.ref
    if condition.data_state:
        return f"{name} {SILENCE[DataState(condition.data_state)]}"
    parts = [f"{name} {_change(condition)}", _scope(condition), _lasting(condition)]
    return ", ".join(part for part in parts if part)


def told_words(condition: Condition) -> str:
    """Say who is told: "Decision owner and mei@example.org"."""
    return listed([Role(who).label.lower() if who in Role.values else who for who in condition.notify])


def _change(condition: Condition) -> str:
    comparison, limit = Comparison(condition.comparison), condition.limit or 0.0
    if not comparison.is_relative:
        return f"is {comparison.value} {_value(condition, limit)}"
    lower_is_better = condition.metric is None or condition.metric.direction == Direction.LOWER_IS_BETTER
    falls = lower_is_better == (comparison is Comparison.IMPROVE_BY)
    if not limit:
        return f"is {'lower' if falls else 'higher'} than before"
    return f"is {percent(limit)} {'lower' if falls else 'higher'} than before"


def _value(condition: Condition, limit: float) -> str:
    return amount(limit, condition.metric.spec) if condition.metric else number(limit)


def _scope(condition: Condition) -> str:
    scope = condition.scope
    if scope == OVERALL:
        return ""
    if scope.startswith(EACH):
        needed = "every" if condition.kind == ConditionKind.THRESHOLD else "any"
        return f"in {needed} {_spoken(scope.removeprefix(EACH))}"
    if scope.startswith(GAP):
        return f"as the gap between one {_spoken(scope.removeprefix(GAP))} and another"
    return f"for {' and '.join(part.rpartition('=')[2] for part in scope.split('|'))}"


def _lasting(condition: Condition) -> str:
    periods = f"{condition.sustained_periods} readings in a row" if condition.sustained_periods > 1 else ""
    days = counted(condition.sustained_days, "day") if condition.sustained_days else ""
    lasting = listed([part for part in (periods, days) if part])
    return f"for {lasting}" if lasting else ""


def _spoken(name: str) -> str:
    return name.replace("_", " ")
