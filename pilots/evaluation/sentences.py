"""What a condition's answer is, in words for the person who decides: fact, size, limit, day, amount."""

from __future__ import annotations

from pilots.evaluation.conditions import floor_of
from pilots.evaluation.days import day_number
from pilots.evaluation.findings import Finding
from pilots.evaluation.interval_sentences import likely, standing, unproven
from pilots.evaluation.owing import metric_words, owes
from pilots.evaluation.results import Interval
from pilots.evaluation.specs import GAP, ConditionSpec, ContinuanceSpec
from pilots.evaluation.vocabulary import Comparison, ConditionKind, DataState, Episode, MetricKind, Truth
from pilots.evaluation.wording import amount, counted, number, on, percent, scope_words, way_words

MISPLACED = {
    "unknown_metric": "its metric is not part of this pilot.",
    "unknown_driver": "its driver is not part of this pilot.",
    "unknown_scope": "its segment is not part of this pilot.",
    "not_by_interval": "only a change against the baseline, and no total, is judged by its interval.",
}

UNSEEN = 5e-5  # a change that would be written as 0%

SILENT = (DataState.AWAITING_FIRST, DataState.NO_DATA, DataState.STALE, DataState.SOURCE_ERROR)


def condition_sentence(finding: Finding, *, timezone: str) -> str:
    """Say what a condition's answer is and rests on, or what keeps it from being answered."""
    condition = finding.condition
    if finding.why in MISPLACED:
        return f"{condition.name or condition.ref}: {MISPLACED[finding.why]}"
    if condition.data_state is not None:
        said = [_arrival(finding, timezone), _state_rule(condition)]
    elif finding.state in SILENT:
        said = [_arrival(finding, timezone), _last_known(finding), _rule(finding), _held(finding)]
    else:
        said = [_fact(finding), _rule(finding), _standing(finding, timezone)]
    if finding.withdrawn:
        said.append("Corrected readings took the earlier answer back.")
    if finding.decision:
        said.append(_decided(finding, finding.decision))
    return " ".join(part for part in said if part)


def _decided(finding: Finding, decision: ContinuanceSpec) -> str:
    """Say "You decided on Tue 29 Sep to go on until Fri 9 Oct or 20% higher."."""
    limit = finding.signed(decision.limit)
    ends = [on(decision.until)] if decision.until else []
    ends += [] if limit is None else [_limit_words(finding, limit)]
    return f"You decided on {on(decision.decided_on)} to go on until {' or '.join(ends)}."


def subject_of(finding: Finding) -> str:
    name = finding.metric.name if finding.metric else finding.driver.name if finding.driver else ""
    return f"{name}{scope_words(finding.scope)}"


def _fact(finding: Finding) -> str:
    measure = finding.measure
    if finding.condition.spans_a_gap:
        return _gap_fact(finding, measure.change)
    if measure.value is None:
        return ""
    value = _value(finding, measure.value)
    if measure.change is None or measure.baseline is None or not _speaks_of_change(finding.condition):
        return f"{subject_of(finding)} is {value}."
    if not measure.change or (finding.interval and abs(measure.change) < UNSEEN):
        return f"{subject_of(finding)} is {_as_before(finding)}: {value}."
    size = f"{percent(measure.change, unlike=finding.limit)} {way_words(measure.change)}"
    before = _value(finding, measure.baseline)
    return f"{subject_of(finding)} is {size} {_than(finding)}: {value}, where it was {before}."


def _than(finding: Finding) -> str:
    """Say what a change is compared with, and how far off it may be."""
    if finding.interval is None:
        return "than before"
    off = likely(finding, finding.interval)
    return f"than the baseline on the same mix of cases{_less(finding.interval)}{off}"


def _as_before(finding: Finding) -> str:
    if finding.interval is None:
        return "as it was before"
    off = likely(finding, finding.interval)
    return f"as it was before on the same mix of cases{_less(finding.interval)}{off}"


def _less(interval: Interval) -> str:
    return ", less what the comparison group did" if interval.controlled else ""


def _gap_fact(finding: Finding, gap: float | None) -> str:
    if gap is None:
        return ""
    dimension = finding.scope.removeprefix(GAP)
    size = percent(gap, unlike=finding.limit)
    range_ = likely(finding, finding.interval) if finding.interval else ""
    return f"{subject_of(finding)}: the best and the worst {dimension} changed {size} apart{range_}."


def _rule(finding: Finding) -> str:
    limit = finding.limit
    if limit is None:
        return ""
    words = _limit_words(finding, limit)
    match finding.condition.kind:
        case ConditionKind.THRESHOLD:
            return f"Your rule needs {words}."
        case ConditionKind.STOP_CONDITION:
            return f"You said stop at {words}."
        case ConditionKind.ESCALATION_TRIGGER:
            return f"You asked to be told at {words}."


def _limit_words(finding: Finding, limit: float) -> str:
    comparison = finding.condition.comparison
    if finding.condition.spans_a_gap:
        narrower = comparison in (Comparison.IMPROVE_BY, Comparison.BELOW)
        return f"a difference {'under' if narrower else 'of'} {percent(limit)}"
    if comparison is Comparison.ABOVE:
        return f"more than {_value(finding, limit)}"
    if comparison is Comparison.BELOW:
        return f"less than {_value(finding, limit)}"
    if finding.driver:
        return f"a change of {percent(limit)}"
    if not limit:
        return "any improvement" if comparison is Comparison.IMPROVE_BY else "any worsening"
    least = "at least " if comparison is Comparison.IMPROVE_BY else ""
    return f"{least}{percent(limit)} {way_words(limit)}"


def _standing(finding: Finding, timezone: str) -> str:
    if finding.truth is Truth.UNKNOWN:
        return f"{_unknown(finding, timezone)} {_held(finding)}".rstrip()
    if finding.interval is not None:
        return standing(finding, finding.interval)
    if finding.condition.kind is ConditionKind.THRESHOLD:
        return f"{_threshold_standing(finding)}{_basis(finding)}."
    return f"{_watch_standing(finding)}{_basis(finding)}."


def _held(finding: Finding) -> str:
    if not finding.streak.is_active:
        return ""
    latched = finding.condition.kind is ConditionKind.STOP_CONDITION
    return f"Past the limit{_since(finding)}{', until you decide' if latched else ''}."


def _last_known(finding: Finding) -> str:
    value = finding.measure.value
    return "" if value is None else f"Last known: {_value(finding, value)}."


def _threshold_standing(finding: Finding) -> str:
    match finding.streak.episode:
        case Episode.FIRING:
            return f"Met{_since(finding)}"
        case Episode.PENDING:
            return f"Beyond the limit {_run(finding)}: not met yet"
        case Episode.RECOVERING:
            return "No longer met"
        case Episode.CLEAR:
            return "Not met"


def _watch_standing(finding: Finding) -> str:
    match finding.streak.episode:
        case Episode.FIRING if finding.truth is Truth.FALSE:
            return f"Past the limit{_since(finding)}, now back within it; this stays until you decide"
        case Episode.FIRING:
            return f"Past the limit{_since(finding)}"
        case Episode.PENDING:
            return f"Past the limit {_run(finding)}"
        case Episode.RECOVERING:
            calm, needed = finding.streak.calm, finding.condition.recover_periods
            return f"Past the limit{_since(finding)}, now back within it ({calm} of {needed} readings)"
        case Episode.CLEAR if finding.truth is Truth.TRUE:
            return "Past the limit"
        case Episode.CLEAR:
            return "Not past the limit"


def _run(finding: Finding) -> str:
    condition = finding.condition
    needed = [counted(condition.sustained_periods, "reading")] if condition.sustained_periods > 1 else []
    needed += [counted(condition.sustained_days, "day")] if condition.sustained_days else []
    since = _since(finding)
    return f"{since.strip()}, for {counted(finding.streak.run, 'reading')} of {' and '.join(needed)} needed"


def _basis(finding: Finding) -> str:
    """Name the day and the cases an answer rests on."""
    if finding.last is None or finding.metric is None:
        return ""
    day, n = finding.last.day, finding.measure.n
    window = finding.condition.window_days or finding.metric.window_days
    days = min(window, max(1, day_number(day, finding.first_day)))
    return f", from {counted(n, 'case')} {f'in the {days} days to' if days > 1 else 'of'} {on(day)}"


def _unknown(finding: Finding, timezone: str) -> str:
    """Say what an unknown waits for, and who owes it."""
    subject = subject_of(finding)
    metric_owner = finding.metric.owner if finding.metric else ""
    reason = unproven(finding, finding.interval) if finding.interval else None
    if reason:
        return reason
    match finding.why:
        case "first_look" | "too_small":
            return _floor_words(finding)
        case "no_cases":
            return f"{subject}: no cases{_until(finding)}."
        case "not_settled":
            return f"{subject}: no readings count yet; the newest days are still settling."
        case "missing_period":
            return f"A reading is missing, and missing is not zero. {owes(metric_owner, 'it')}"
        case "zero_baseline":
            means = "so a change in per cent says nothing. Set a value instead."
            return f"{subject}: it was not above zero before, {means}"
        case "no_baseline" if finding.quality is None or finding.quality.has_baseline:
            return f"{subject}: nothing before the pilot to compare with."
        case "no_data" if finding.driver:
            return f"{subject}: no value yet. {owes(finding.driver.owner, 'it')}"
        case "mix_not_judged":
            return f"{subject}: a mix is shown as shares, not held against a limit."
        case "one_category":
            return f"{subject}: fewer than two categories have cases, so there is no difference to judge."
        case "no_limit":
            return f"{subject}: the rule has no limit yet."
        case "not_a_number":
            return f"{subject}: the sums are too large to be judged."
        case _:
            return _arrival(finding, timezone)


def _floor_words(finding: Finding) -> str:
    floor, sample = floor_of(finding.condition), finding.measure.sample
    day = day_number(finding.last.day, finding.first_day) if finding.last else 0
    short = []
    if day < floor.days:
        short.append(f"day {day} of at least {floor.days}")
    if sample < floor.sample:
        short.append(f"{sample:,} of {counted(floor.sample, 'case')} so far")
    words = " and ".join(short) or "the window is not full yet"
    early = (
        "past the limit, but too early to rely on: " if finding.is_early_warning else "too early to tell: "
    )
    return f"{early}{words}.".capitalize()


def _arrival(finding: Finding, timezone: str) -> str:
    if finding.metric is None or finding.quality is None:
        return ""
    return metric_words(finding.metric, finding.quality, timezone=timezone)


def _state_rule(condition: ConditionSpec) -> str:
    state = condition.data_state.value.replace("_", " ") if condition.data_state else ""
    asked = {
        ConditionKind.THRESHOLD: "Your rule needs the data to be",
        ConditionKind.STOP_CONDITION: "You said stop when the data is",
        ConditionKind.ESCALATION_TRIGGER: "You asked to be told when the data is",
    }
    return f"{asked[condition.kind]} “{state}”."


def _speaks_of_change(condition: ConditionSpec) -> bool:
    return condition.needs_baseline or bool(condition.driver)


def _since(finding: Finding) -> str:
    return f" since {on(finding.streak.since)}" if finding.streak.since else ""


def _until(finding: Finding) -> str:
    return f" in the days to {on(finding.last.day)}" if finding.last else ""


def _value(finding: Finding, value: float) -> str:
    if finding.metric is None:
        return number(value)
    window = finding.condition.window_days or finding.metric.window_days
    period = f" in {counted(window, 'day')}" if finding.metric.kind is MetricKind.TOTAL else ""
    return f"{amount(value, finding.metric)}{period}"
