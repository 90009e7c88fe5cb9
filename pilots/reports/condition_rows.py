"""Why a pilot is where it is: one row per condition and scope, the loudest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from pilots.evaluation.specs import GAP, OVERALL
from pilots.evaluation.vocabulary import ConditionKind, Direction
from pilots.evaluation.wording import amount, number, percent
from pilots.models import Condition
from pilots.reports.limit_bars import Limit, LimitBar, limit_bar
from pilots.reports.looks import Look
from pilots.reports.results import ConditionAnswer, PilotAnswer
from pilots.reports.rules import rule_words
from pilots.reports.standings import is_calm, look_of, loudness, scope_title, speaks_of_change, way_to

SAYS = {
    ConditionKind.THRESHOLD: "Scale up when",
    ConditionKind.STOP_CONDITION: "Stop when",
    ConditionKind.ESCALATION_TRIGGER: "Tell us when",
}
LIMIT_WORDS = {
    ConditionKind.THRESHOLD: ("goal", "scale up"),
    ConditionKind.STOP_CONDITION: ("stop", "stop"),
    ConditionKind.ESCALATION_TRIGGER: ("warn", "tell us"),
}


@dataclass(frozen=True, slots=True)
class ConditionRow:
    """One condition in one scope as the page shows it; `last_known` dates an answer that has gone stale."""

    key: str
    ref: str
    title: str
    rule: str
    look: Look
    sentence: str
    bar: LimitBar | None
    last_known: date | None
    notes: tuple[str, ...]
    limit: str
    now: str
    calm: bool
    lately: str = ""


def rows_of(
    answer: PilotAnswer, conditions: Sequence[Condition], lately: Mapping[tuple[str, str], str]
) -> tuple[ConditionRow, ...]:
    """Return the rows, the loudest first; the first of each number also says how it changed lately."""
    rules = {condition.ref: condition for condition in conditions}
    order = sorted(
        answer.conditions, key=lambda c: (loudness(c), -(way_to(c, rules.get(c.ref)).share or 0), c.ref)
    )
    said = dict(lately)
    return tuple(
        replace(_row(found, answer, rules), lately=said.pop((found.metric or "", found.scope), ""))
        for found in order
    )


def _row(found: ConditionAnswer, answer: PilotAnswer, rules: Mapping[str, Condition]) -> ConditionRow:
    rule = rules.get(found.ref)
    way = way_to(found, rule)
    look, metric = look_of(found, way), answer.metric(found.metric or "")
    return ConditionRow(
        key=f"{found.ref}-{found.scope}".replace("=", "-")
        .replace("|", "-")
        .replace(":", "-")
        .replace(" ", "-"),
        ref=found.ref,
        title=_title(found, rule),
        rule=f"{SAYS[ConditionKind(found.kind)]} {_lowered(rule_words(rule))}" if rule else "",
        look=look,
        sentence=found.sentence,
        bar=_bar(found, rule, answer, rules, look) if rule else None,
        last_known=metric.last_day if metric and found.is_owed and found.value is not None else None,
        notes=tuple(_notes(found)),
        limit=_limit_words(found, rule, found.limit) if rule and found.limit is not None else "",
        now=value_words(found, rule) or "not known",
        calm=is_calm(found, way),
    )


def _title(found: ConditionAnswer, rule: Condition | None) -> str:
    watched = (rule.metric or rule.driver) if rule else None
    name = found.name or (str(watched) if watched else found.ref)
    return name if found.scope in (OVERALL, "all") else f"{name}: {_lowered(scope_title(found.scope))}"


def _lowered(text: str) -> str:
    """Begin in lower case, unless the first word is an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _notes(found: ConditionAnswer) -> list[str]:
    said = []
    if found.observe_only:
        said.append("Only observed: it never changes the headline.")
    if found.must_watch:
        said.append("Must always have data.")
    if found.split and found.split not in found.sentence:
        said.append(found.split)
    if found.unsettled:
        said.append("The rule was changed after the start; its count began anew.")
    return said


def value_words(found: ConditionAnswer, rule: Condition | None) -> str:
    """Say the number a condition looks at: "8.7% higher", "21.7 h"; empty where there is none."""
    if speaks_of_change(found, rule):
        return "" if found.change is None else _change_words(found.change, found.scope)
    return "" if found.value is None else _amount(found.value, rule)


def _change_words(change: float, scope: str) -> str:
    if scope.startswith(GAP):
        return f"{percent(change)} apart"
    return f"{percent(change)} {'higher' if change > 0 else 'lower'}" if change else "no change"


def _amount(value: float, rule: Condition | None) -> str:
    return amount(value, rule.metric.spec) if rule and rule.metric else number(value)


def _limit_words(found: ConditionAnswer, rule: Condition | None, limit: float) -> str:
    return percent(limit) if speaks_of_change(found, rule) else _amount(limit, rule)


def _bar(
    found: ConditionAnswer,
    rule: Condition,
    answer: PilotAnswer,
    rules: Mapping[str, Condition],
    look: Look,
) -> LimitBar | None:
    """Draw the answer beside every limit on the same number; nothing before there is a number."""
    of_change = speaks_of_change(found, rule)
    value = found.change if of_change else found.value
    if value is None or found.limit is None:
        return None
    early = found.is_unknown and not found.is_owed
    words = "" if early else value_words(found, rule)
    base = 0.0 if of_change else found.baseline
    return limit_bar(
        value=value,
        low=found.low,
        high=found.high,
        base=base,
        base_text="0" if of_change else f"before {number(base)}" if base is not None else "",
        limits=_limits_beside(found, answer, rules),
        lower_is_better=_lower_is_better(found, rule),
        text=words,
        label=f"{found.sentence}",
        css=look.css if found.is_active or found.early_warning else "is-young" if early else "",
    )


def _limits_beside(
    found: ConditionAnswer, answer: PilotAnswer, rules: Mapping[str, Condition]
) -> tuple[Limit, ...]:
    """Return the limits on the same number: the condition's own, and one of each other kind."""
    of_change = speaks_of_change(found, rules.get(found.ref))
    kept: dict[str, Limit] = {}
    same = [c for c in answer.conditions if (c.metric, c.scope) == (found.metric, found.scope)]
    for other in [found, *same]:
        rule = rules.get(other.ref)
        if other.limit is None or rule is None or speaks_of_change(other, rule) is not of_change:
            continue
        look, word = LIMIT_WORDS[ConditionKind(other.kind)]
        text = f"{word} {_limit_words(other, rule, other.limit)}"
        kept.setdefault(other.kind, Limit(other.limit, look, text))
    return tuple(kept.values())


def _lower_is_better(found: ConditionAnswer, rule: Condition) -> bool:
    if found.scope.startswith(GAP) or rule.metric is None:
        return True
    return rule.metric.direction == Direction.LOWER_IS_BETTER
