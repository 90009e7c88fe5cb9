"""Results in a table: one line per metric and scope, with its limits on both sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pilots.evaluation.specs import GAP, OVERALL
from pilots.evaluation.vocabulary import ConditionKind
from pilots.evaluation.wording import amount, percent
from pilots.models import Condition
from pilots.reports.looks import Look
from pilots.reports.results import ConditionAnswer, PilotAnswer
from pilots.reports.standings import look_of, loudness, scope_title, speaks_of_change
from pilots.reports.words import signed_percent


@dataclass(frozen=True, slots=True)
class ResultRow:
    measure: str
    before: str
    now: str
    scale_up_at: str
    stop_at: str
    look: Look


def result_rows(answer: PilotAnswer, conditions: Sequence[Condition]) -> tuple[ResultRow, ...]:
    """Return the enforced results, the loudest metric and scope first."""
    rules = {condition.ref: condition for condition in conditions}
    groups: dict[tuple[str, str], list[ConditionAnswer]] = {}
    for found in sorted(answer.conditions, key=loudness):
        if not found.observe_only and found.metric:
            groups.setdefault((found.metric, found.scope), []).append(found)
    return tuple(_row(answer, group, rules) for group in groups.values())


def _row(answer: PilotAnswer, group: Sequence[ConditionAnswer], rules: Mapping[str, Condition]) -> ResultRow:
    loudest = group[0]
    rule = rules.get(loudest.ref)
    metric = answer.metric(loudest.metric or "")
    name = metric.name if metric else loudest.ref
    return ResultRow(
        measure=name if loudest.scope == OVERALL else f"{name}, {scope_title(loudest.scope).lower()}",
        before=_amount(loudest.baseline, rule),
        now=_now(loudest, rule),
        scale_up_at=_limits(group, rules, ConditionKind.THRESHOLD),
        stop_at=_stop_limits(group, rules),
        look=_short(look_of(loudest)),
    )


def _short(look: Look) -> Look:
    """Leave the day out: a table on one sheet has no room for it."""
    return look._replace(word=look.word.partition(" since ")[0])


def _now(found: ConditionAnswer, rule: Condition | None) -> str:
    if found.scope.startswith(GAP):
        return "not known" if found.change is None else f"{percent(found.change)} apart"
    if found.value is None:
        return "not known"
    change = f", {signed_percent(found.change)}" if found.change is not None else ""
    return f"{_amount(found.value, rule)}{change}"


def _stop_limits(group: Sequence[ConditionAnswer], rules: Mapping[str, Condition]) -> str:
    stop = _limits(group, rules, ConditionKind.STOP_CONDITION)
    told = _limits(group, rules, ConditionKind.ESCALATION_TRIGGER)
    return stop if told == "none" else f"{stop}; tell us at {told}"


def _limits(group: Sequence[ConditionAnswer], rules: Mapping[str, Condition], kind: ConditionKind) -> str:
    said = [_limit(found, rules.get(found.ref)) for found in group if found.kind == kind]
    return ", ".join(dict.fromkeys(said)) or "none"


def _limit(found: ConditionAnswer, rule: Condition | None) -> str:
    if found.limit is None:
        return "none"
    if found.scope.startswith(GAP):
        return f"{percent(found.limit)} apart"
    return signed_percent(found.limit) if speaks_of_change(found, rule) else _amount(found.limit, rule)


def _amount(value: float | None, rule: Condition | None) -> str:
    if value is None:
        return "not known"
    return amount(value, rule.metric.spec) if rule and rule.metric else f"{value:g}"
