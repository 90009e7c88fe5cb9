"""What the interval method found, in words: fact, size, range, certainty, day, amount."""

from __future__ import annotations

from datetime import date

from pilots.evaluation.days import day_number
from pilots.evaluation.findings import Finding
from pilots.evaluation.owing import owes
from pilots.evaluation.results import Interval
from pilots.evaluation.sights import missing_periods
from pilots.evaluation.vocabulary import ConditionKind, Direction, Episode, Truth
from pilots.evaluation.wording import MINUS, counted, listed, on, percent, range_words

FEW = 3  # so many spots are named, the others are counted
SMALL_MIX = 0.01


def likely(finding: Finding, interval: Interval) -> str:
    """Return " (likely between 8% and 19% lower)", or nothing where that is not known."""
    low, high = interval.low, interval.high
    if low is None or high is None:
        return ""
    if finding.condition.spans_a_gap:
        return f" (likely between {percent(low)} and {percent(high)})"
    return f" (likely {range_words(low, high)})"


def standing(finding: Finding, interval: Interval) -> str:
    """Say what is proven of a rule that could be answered."""
    certain = _threshold(finding, interval) if _asks_for_better(finding) else _watch(finding, interval)
    said = [certain, *_cautions(finding, interval)]
    return " ".join(said)


def split_words(finding: Finding) -> str | None:
    """Return "Raw change −26% = −25% easier cases, −1% the same cases.", or nothing where it is not known."""
    interval, change = finding.interval, finding.measure.change
    if interval is None or interval.raw is None or interval.mix is None or change is None:
        return None
    mix = f"{_signed(interval.mix)} {_mix_words(finding, interval.mix)}"
    return f"Raw change {_signed(interval.raw)} = {mix}, {_signed(change)} the same cases."


def left_out_words(finding: Finding, interval: Interval) -> str:
    """Name what was set aside as implausible, and who owes a look at it."""
    if not interval.aside:
        return ""
    owner = finding.metric.owner if finding.metric else ""
    spots = _spots(interval.aside)
    return f"Left out, for it cannot be right: {spots}. {owes(owner, 'a check')}"


def unproven(finding: Finding, interval: Interval) -> str | None:
    """Say why nothing is proven, where that is a reason of this method."""
    name = finding.metric.name if finding.metric else ""
    owner = finding.metric.owner if finding.metric else ""
    baseline = finding.metric.baseline if finding.metric else None
    group, n = interval.thin or ("one group of cases", 0)
    match finding.why:
        case "thin_cell":
            return f"Too early to tell: {group} has {n} of at least 10 cases so far."
        case "missing_days":
            return (
                f"Cannot tell: {_missing(finding, interval)}, and missing is not zero. {owes(owner, 'them')}"
            )
        case "new_segment":
            return f"Cannot tell: more than 5% of the cases are of a kind that {name} did not have before."
        case "driver_moved":
            return "Cannot tell: a driver moved, and what that does to the number cannot be taken out."
        case "short_baseline":
            days = f"{counted(baseline.days, 'day')} of at least 28" if baseline else "under 28 days"
            return f"Cannot tell: the baseline is too short, {days}. {owes(owner, 'a longer one')}"
        case "no_control_baseline":
            return f"Cannot tell: the comparison group has no readings of before. {owes(owner, 'them')}"
        case "too_many_cells":
            return "Cannot tell: more than 40 kinds of cases, even with the weekend merged. Choose fewer."
        case "negative_values":
            return f"Cannot tell: {name} has sums below zero, which this kind of metric cannot have."
        case "zero_level":
            return f"Cannot tell: {name} is not above zero, so a change in per cent says nothing."
        case "zero_variance":
            return "Cannot tell: every case has the same value, so nothing says how far chance reaches."
        case "stale":
            return f"Cannot tell: the readings are too old. {owes(owner, 'newer ones')}"
    return None


def _missing(finding: Finding, interval: Interval) -> str:
    cadence = finding.metric.cadence_days if finding.metric else 1
    missing, periods = missing_periods(interval.days, interval.days - interval.empty_days, cadence)
    if cadence == 1:
        return f"{missing} of {counted(periods, 'day')} have no readings"
    return f"{missing} of {counted(periods, 'reading')} {'is' if missing == 1 else 'are'} missing"


def _threshold(finding: Finding, interval: Interval) -> str:
    basis = _basis(finding)
    if finding.truth is Truth.TRUE and finding.streak.episode is Episode.FIRING:
        return f"Proven: met, {basis}."
    if finding.truth is Truth.TRUE:
        return f"Proven, but not for long enough yet, {basis}."
    if interval.settled:
        return f"Proven: not met, {basis}."
    return f"Not proven either way, {basis}; {_expectation(interval)}."


def _expectation(interval: Interval) -> str:
    if interval.known_by is None:
        return "at this size of change more cases alone will not tell"
    return f"at this volume expect to know by about day {interval.known_by}"


def _watch(finding: Finding, interval: Interval) -> str:
    basis, limit = _basis(finding), _limit_name(finding)
    latched = finding.condition.kind is ConditionKind.STOP_CONDITION
    since = f" since {on(finding.streak.since)}" if finding.streak.since else ""
    if finding.streak.is_active and finding.truth is Truth.TRUE:
        return f"Proven: past this limit{since}, {basis}."
    if finding.streak.is_active:
        stays = "; this stays until you decide" if latched else ""
        return f"Past {limit}{since}, now back within it{stays}, {basis}."
    if finding.truth is Truth.TRUE and finding.decision:
        return f"Proven: past this limit, {basis}."
    if finding.truth is Truth.TRUE:
        return f"Proven: past this limit, but not for long enough yet, {basis}."
    if interval.worse:
        return f"Worse is proven, short of {limit}, {basis}."
    return f"No harm is proven, {basis}."


def _limit_name(finding: Finding) -> str:
    return "your stop limit" if finding.condition.kind is ConditionKind.STOP_CONDITION else "your limit"


def _cautions(finding: Finding, interval: Interval) -> list[str]:
    said = []
    split = split_words(finding)
    if split and interval.mix is not None and abs(interval.mix) >= SMALL_MIX:
        said.append(split)
    if interval.aside:
        said.append(left_out_words(finding, interval))
    if interval.merged:
        said.append("Weekends are compared together with weekdays, for there are over 40 kinds of cases.")
    if interval.held_by and finding.truth is Truth.TRUE and _asks_for_better(finding):
        said.append(f"Held back while {_spots(interval.held_by)} is among the last seven days.")
    return said


def _basis(finding: Finding) -> str:
    day = day_number(finding.last.day, finding.first_day) if finding.last else 0
    return f"day {day}, from {counted(finding.measure.n, 'case')}"


def _asks_for_better(finding: Finding) -> bool:
    return finding.condition.kind is ConditionKind.THRESHOLD


def _spots(spots: tuple[tuple[date, str], ...]) -> str:
    named = [f"{on(day)} ({segment.replace('|', ', ')})" for day, segment in spots[-FEW:]]
    more = len(spots) - len(named)
    return listed([*named, *([f"{more} more"] if more else [])])


def _mix_words(finding: Finding, mix: float) -> str:
    lower = finding.metric is not None and finding.metric.direction is Direction.LOWER_IS_BETTER
    if not mix:
        return "other cases"
    return "easier cases" if (mix < 0) is lower else "harder cases"


def _signed(fraction: float) -> str:
    sign = MINUS if fraction < 0 else "+" if fraction > 0 else ""
    return f"{sign}{percent(fraction)}"
