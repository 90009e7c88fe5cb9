"""What a pilot can prove by some day, rule by rule and in words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf

from pilots.evaluation.conditions import floor_of
from pilots.evaluation.owing import owes
from pilots.evaluation.planner import Plan, plan
from pilots.evaluation.rules import is_by_interval
from pilots.evaluation.scopes import expand_scopes
from pilots.evaluation.series import Series
from pilots.evaluation.sights import SHORTEST_BASELINE
from pilots.evaluation.specs import GAP, ConditionSpec, MetricSpec, PilotSpec
from pilots.evaluation.vocabulary import Comparison, ConditionKind, Method, MetricKind
from pilots.evaluation.wording import counted, number, on, percent, scope_words, sentence_case

WITHOUT_END = 90  # the day planned for where no end is
SIDES = {
    ConditionKind.THRESHOLD: Comparison.IMPROVE_BY,
    ConditionKind.STOP_CONDITION: Comparison.WORSEN_BY,
}


@dataclass(frozen=True, slots=True)
class Planned:
    """What one rule can prove by a day of the stage, in the scope that takes the largest change.

    A rule without a ref asks for any proven change, before there is a limit. `provable` is the size
    of that change as a fraction; without it `why` names what is missing.
    """

    ref: str
    kind: ConditionKind
    metric: str
    scope: str
    limit: float | None
    day: int
    sentence: str
    provable: float | None
    cases_a_day: float
    why: str | None


def plan_pilot(
    pilot: PilotSpec, series: Series, *, day: int | None = None, metric: str = ""
) -> list[Planned]:
    """Plan any change to each metric, or to one, and every limit that speaks of a change."""
    metrics = {m.ref: m for m in pilot.metrics if metric in ("", m.ref)}
    last = horizon(pilot) if day is None else day
    found = []
    for asked in (*_open_questions(pilot, metrics), *_limits(pilot, metrics)):
        # A rule that isn't there yet shares the risk with those that are.
        whole = pilot if asked.ref else replace(pilot, conditions=(*pilot.conditions, asked))
        found.append(_planned(whole, asked, metrics[asked.metric], series, last))
    return found


def horizon(pilot: PilotSpec) -> int:
    """Return the day on which the running stage is planned to end."""
    first, end = pilot.running_stage.first_day, pilot.planned_end
    return (end - first).days + 1 if end and end >= first else WITHOUT_END


def _open_questions(pilot: PilotSpec, metrics: dict[str, MetricSpec]) -> list[ConditionSpec]:
    """Return what could be asked of each metric: better, worse, and further apart."""
    asked = [
        ConditionSpec("", kind, comparison, 0.0, metric, method=Method.INTERVAL)
        for metric in metrics
        for kind, comparison in SIDES.items()
    ]
    gaps = [f"{GAP}{name}" for name, categories in pilot.dimensions.items() if len(categories) > 1]
    worse = [one for one in asked if one.kind is ConditionKind.STOP_CONDITION]
    judged = [one for one in worse if metrics[one.metric].kind is not MetricKind.TOTAL]
    return [*asked, *(replace(one, scope=gap) for one in judged for gap in gaps)]


def _limits(pilot: PilotSpec, metrics: dict[str, MetricSpec]) -> list[ConditionSpec]:
    return [c for c in pilot.conditions if c.metric in metrics and c.needs_baseline]


def _planned(pilot: PilotSpec, asked: ConditionSpec, metric: MetricSpec, series: Series, day: int) -> Planned:
    scope, found = _hardest(pilot, asked, metric, series, day - metric.maturity_days)
    return Planned(
        ref=asked.ref,
        kind=asked.kind,
        metric=metric.ref,
        scope=scope,
        limit=asked.limit,
        day=day,
        sentence=(_gap_sentence if asked.spans_a_gap else _sentence)(asked, metric, scope, found, day),
        provable=found.change,
        cases_a_day=found.cases_a_day,
        why=found.why,
    )


def _hardest(
    pilot: PilotSpec, asked: ConditionSpec, metric: MetricSpec, series: Series, days: int
) -> tuple[str, Plan]:
    """Return the scope that nothing is known of, or the one that takes the largest change."""
    if is_by_interval(asked, metric) and days < max(floor_of(asked).days, 1):
        return asked.scope, Plan(days, why="first_look")
    scopes = expand_scopes(asked, pilot.dimensions)
    plans = [(scope, plan(asked, scope, metric, pilot, series, days=days)) for scope in scopes]
    return max(plans, key=lambda pair: inf if pair[1].change is None else pair[1].change)


def _sentence(asked: ConditionSpec, metric: MetricSpec, scope: str, planned: Plan, day: int) -> str:
    if planned.change is None:
        return _unknown(metric, planned.why, day)
    better = asked.kind is ConditionKind.THRESHOLD
    volume = f"at {number(round(planned.cases_a_day, 1))} cases a day"
    change = f"{'an improvement' if better else 'a change for the worse'} of about {percent(planned.change)}"
    proven = f"{metric.name}{scope_words(scope)}: {volume}, {change} is proven by day {day}"
    limit = f" Your rule asks for {percent(asked.limit)}." if asked.limit and better else ""
    return f"{proven} in four of five pilots.{limit}"


def _gap_sentence(asked: ConditionSpec, metric: MetricSpec, scope: str, planned: Plan, day: int) -> str:
    dimension = scope.removeprefix(GAP).replace("_", " ")
    if planned.change is None and planned.why == "one_category":
        return f"{sentence_case(metric.name)}: fewer than two kinds of {dimension} had cases before."
    if planned.change is None:
        return _unknown(metric, planned.why, day)
    narrow = asked.comparison in (Comparison.IMPROVE_BY, Comparison.BELOW)
    size = f"a gap {'under' if narrow else 'of'} about {percent(planned.change)}"
    proven = f"between the best and the worst {dimension} is proven by day {day} in four of five pilots"
    limit = f" Your rule asks for less than {percent(asked.limit)}." if asked.limit and narrow else ""
    alike = f", if every {dimension} changes alike" if narrow else ""
    volume = f"{number(round(planned.cases_a_day, 1))} cases a day"
    return f"{metric.name}: at {volume}, {size} {proven}{alike}.{limit}"


def _unknown(metric: MetricSpec, why: str | None, day: int) -> str:
    """Say what is missing before that is known, and who owes it."""
    name, baseline = sentence_case(metric.name), metric.baseline
    match why:
        case "not_by_interval":
            return f"{name}: a total is compared as it is, so no day makes a change of it proven."
        case "first_look":
            return f"{name}: the first look comes after day {day}, so nothing is proven by then."
    if baseline is None:
        return f"{name} has no baseline yet. What can be proven is shown once it has one."
    match why:
        case "short_baseline":
            days = f"{counted(baseline.days, 'day')} of at least {SHORTEST_BASELINE}"
            return f"{name}: the baseline is too short to prove a change, {days}."
        case "too_many_cells":
            return f"{name}: more than 40 kinds of cases, even with the weekend merged. Choose fewer."
        case "zero_variance" | "zero_level" | "zero_baseline" | "negative_values":
            return f"{name}: the cases of before don't say how far chance reaches."
    window = f"from {on(baseline.first_day)} to {on(baseline.last_day)}"
    return f"{name} has no readings {window} yet. {owes(metric.owner, 'them')}"
