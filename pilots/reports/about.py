"""The facts around a pilot: its moment in one line, its people, where its numbers come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pilots.evaluation.days import local_day
from pilots.models import Condition, Metric, Pilot, Role, User
from pilots.reports.stages import stage_progress
from pilots.reports.words import day_words, span_words


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    what: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where numbers come from: a rule's or a baseline's version, or the readings themselves."""

    text: str
    note: str
    where: str


def facts_of(pilot: Pilot, *, today: date) -> str:
    """Say in one grey line what kind of moment the pilot is in."""
    progress = stage_progress(pilot, today=today)
    stage = f"{progress.words.lower()}, {progress.day}" if progress.day else progress.words.lower()
    match pilot.status:
        case Pilot.Status.DRAFT | Pilot.Status.READY:
            planned = f", planned from {day_words(pilot.start, today=today)}" if pilot.start else ""
            return f"{pilot.get_status_display()}{planned}"
        case Pilot.Status.RUNNING:
            return f"Running since {day_words(_started(pilot, today), today=today)} · {stage}"
        case Pilot.Status.PAUSED:
            return f"Paused · {stage}"
    ended = f" {day_words(local_day(pilot.ended_at, pilot.timezone), today=today)}" if pilot.ended_at else ""
    return f"{pilot.get_status_display()}{ended}"


def _started(pilot: Pilot, today: date) -> date:
    days = [stage.started_on for stage in pilot.stages.all() if stage.started_on]
    return min(days, default=local_day(pilot.started_at, pilot.timezone) if pilot.started_at else today)


def drivers_say(pilot: Pilot) -> str:
    windows = [metric.baseline for metric in pilot.metrics.all() if metric.baseline]
    if not windows:
        return "The results only mean something while these hold."
    then = span_words(windows[0].first_day, windows[0].last_day)
    hold = "The results only mean something while these hold."
    answered = any(driver.dimension and driver.answered_on for driver in pilot.drivers.all())
    other = ", where no answer below says otherwise" if answered else ""
    return f"{hold} Then is the baseline, {then}{other}; now is the running stage."


def people_of(pilot: Pilot, people: Mapping[str, Sequence[User]]) -> tuple[Person, ...]:
    """Name everybody with a part, each once, and who owes which metric."""
    parts: dict[str, list[str]] = {}
    for role in Role:
        for user in people.get(role, []):
            parts.setdefault(str(user), []).append(role.label.lower())
    for metric in pilot.metrics.all():
        if metric.owner is not None:
            parts.setdefault(str(metric.owner), []).append(f"owes {_lowered(metric.name)}")
    return tuple(Person(name, ", ".join(dict.fromkeys(what))) for name, what in parts.items())


def _lowered(name: str) -> str:
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def sources_of(pilot: Pilot, conditions: Sequence[Condition]) -> Iterator[Source]:
    """Name the version of every rule and every baseline behind the numbers."""
    for condition in conditions:
        yield Source(f"Rule {condition.ref}, version {condition.rule_version}", condition.name, "conditions")
    for metric in pilot.metrics.all():
        yield _baseline_source(metric)


def _baseline_source(metric: Metric) -> Source:
    baseline = metric.baseline
    if baseline is None:
        return Source(f"{metric}: no baseline yet", "", "baselines")
    window = span_words(baseline.first_day, baseline.last_day)
    by = f", by {baseline.finalised_by}" if baseline.finalised_by else ""
    note = f"{window}, final{by}" if baseline.is_final else f"{window}, not final"
    return Source(f"{metric}: baseline {baseline.number}", note, "baselines")
