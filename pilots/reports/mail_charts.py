"""The geometry of the small chart in a mail: days, the line over the window, the baseline, the limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pilots.evaluation.looks import look_at
from pilots.evaluation.measures import level, signed_limit
from pilots.evaluation.points import judge_points
from pilots.evaluation.series import Series
from pilots.evaluation.specs import ConditionSpec, MetricSpec, PilotSpec, Reading
from pilots.evaluation.vocabulary import ConditionKind, MetricKind
from pilots.evaluation.wording import amount, on
from pilots.reports.scales import Scale, readable_ticks, spread_out

WIDTH, HEIGHT = 496, 190
LEFT, RIGHT, TOP, BOTTOM = 44, 410, 12, 162
NAMES_APART = 14.0
SHOWN_DAYS = 60


@dataclass(frozen=True, slots=True)
class Mark:
    """A line across the chart and its name at the right edge."""

    y: float
    name_y: float
    name: str
    look: str


@dataclass(frozen=True, slots=True)
class MailChart:
    """Everything in pixels; `line` is an SVG point list."""

    title: str
    ticks: tuple[tuple[float, str], ...]
    dates: tuple[tuple[float, str], ...]
    dots: tuple[tuple[float, float], ...]
    line: str
    marks: tuple[Mark, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT


Points = list[tuple[date, float]]


def has_line(condition: ConditionSpec) -> bool:
    """Say whether one line can show a condition: a gap has two, the state of data none."""
    return not (condition.spans_a_gap or condition.data_state)


def mail_chart(
    pilot: PilotSpec, condition: ConditionSpec, scope: str, readings: Sequence[Reading], *, now: datetime
) -> MailChart | None:
    """Lay out a condition's metric in one scope; None where there is no single line to draw."""
    look = look_at(pilot, Series(readings), now=now)
    if condition.metric not in look.metrics or not has_line(condition):
        return None
    question = look.ask(condition, scope)
    metric, daily = question.metric, question.parts[0].daily
    periods = judge_points(question)
    levels = (level(metric.kind, n, total) for n, total in zip(daily.n, daily.total, strict=True))
    days = [(d, v) for d, v in zip(daily.days, levels, strict=True) if v is not None][-SHOWN_DAYS:]
    windows = ((period.day, period.measure.value) for period in periods)
    line = [(day, v) for day, v in windows if v is not None and days and day >= days[0][0]]
    if len(line) < 2:
        return None
    baseline = periods[-1].measure.baseline
    ours = "your goal" if condition.kind is ConditionKind.THRESHOLD else "your limit"
    lines = {"before": baseline, ours: _limit(condition, metric, baseline)}
    # A day's total says nothing beside the total of a window.
    dots = [] if metric.kind is MetricKind.TOTAL else days
    return _laid_out(metric, dots, line, {name: v for name, v in lines.items() if v is not None})


def _limit(condition: ConditionSpec, metric: MetricSpec, baseline: float | None) -> float | None:
    """Return where the limit lies in the metric's unit."""
    limit = signed_limit(condition.limit, condition.comparison, metric.direction)
    if limit is None or not condition.needs_baseline:
        return limit
    return None if baseline is None else baseline + abs(baseline) * limit


def _laid_out(metric: MetricSpec, days: Points, line: Points, lines: Mapping[str, float]) -> MailChart:
    shown = [*(v for _, v in days), *(v for _, v in line), *lines.values()]
    ticks = readable_ticks(min(shown), max(shown))
    first, last = line[0][0], line[-1][0]
    x = Scale(first.toordinal(), max(last.toordinal(), first.toordinal() + 1), LEFT, RIGHT)
    y = Scale(ticks[0], ticks[-1], BOTTOM, TOP)
    places = spread_out([y.at(value) for value in lines.values()], gap=NAMES_APART)
    named = zip(lines.items(), places, strict=True)
    return MailChart(
        title=f"{metric.name}, {on(first)} to {on(last)}",
        ticks=tuple((y.at(tick), amount(tick, metric)) for tick in ticks),
        dates=tuple((x.at(day.toordinal()), f"{day.day} {day:%b}") for day in _named_days(first, last)),
        dots=tuple((x.at(day.toordinal()), y.at(value)) for day, value in days if day >= first),
        line=" ".join(f"{x.at(day.toordinal())},{y.at(value)}" for day, value in line),
        marks=tuple(Mark(y.at(v), at + 4, f"{name} {amount(v, metric)}", name) for (name, v), at in named),
    )


def _named_days(first: date, last: date) -> list[date]:
    """Name the first day, the last, and one between them where there is room."""
    middle = first + (last - first) / 2
    return [first, middle, last] if (last - first).days >= 6 else [first, last]
