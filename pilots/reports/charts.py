"""The geometry of a control chart: days, the line over a window, baseline, limits, stages, alerts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from pilots.evaluation.vocabulary import MetricKind
from pilots.evaluation.wording import number, on
from pilots.reports.drawings import (
    MAIN,
    Chart,
    Dot,
    DrawnBand,
    DrawnLine,
    Frame,
    Pin,
    Story,
    TableRow,
    Tick,
)
from pilots.reports.scales import Scale, readable_ticks, spread_out
from pilots.reports.series import Day, windowed

DATE_STEPS = (1, 2, 7, 14, 28, 56, 91, 182, 364)
MOST_DATES = 7
NAMES_APART = 14.0  # pixels between the names at the right edge
LEFT_OUT = "set aside as implausible, all or in part"
PIN_ROOM = 14.0  # per cent a pin's words need beside the name of a band


def control_chart(story: Story, *, frame: Frame = MAIN) -> Chart | None:
    """Lay a chart out; None before the first reading."""
    if not story.days:
        return None
    runs = _runs(story)
    x = _days_across(story, frame)
    ticks = readable_ticks(*_range(story, runs))
    y = Scale(ticks[0], ticks[-1], frame.bottom, frame.top + 4)
    return Chart(
        frame=frame,
        bands=_bands(story, x),
        grid=tuple(Tick(y.at(tick), _value(tick, story)) for tick in ticks),
        dates=_dates(story, x),
        lines=_lines(story, x, y, frame),
        dots=tuple(_dot(day, day.level, story, x, y) for day in story.days if day.level is not None),
        runs=tuple(_points(run, x, y) for run in runs if len(run) > 1),
        pins=_pins(story, x),
        rows=_rows(story, runs),
        last_level=next((value for run in reversed(runs) for _, value in reversed(run)), None),
    )


Run = list[tuple[date, float]]


def _runs(story: Story) -> list[Run]:
    """Return the line over the window: it starts anew with each band and leaves out what lies between."""
    return [_run(story, [d for d in story.days if band.first <= d.day <= band.last]) for band in story.bands]


def _run(story: Story, days: Sequence[Day]) -> Run:
    levels = windowed(days, story.kind, window=story.window)
    return [(day.day, value) for day, value in zip(days, levels, strict=True) if value is not None]


def _range(story: Story, runs: Iterable[Run]) -> tuple[float, float]:
    """Cover the line, the limits, the baseline and all but the wildest days."""
    days = sorted(day.level for day in story.days if day.level is not None)
    trim = len(days) // 40
    usual = days[trim : len(days) - trim] or days
    shown = [*usual[:1], *usual[-1:], *(value for run in runs for _, value in run)]
    shown += [limit.value for limit in story.limits]
    shown += [] if story.baseline is None else [story.baseline]
    return min(shown), max(shown)


def _days_across(story: Story, frame: Frame) -> Scale:
    first = min([story.days[0].day, *(band.first for band in story.bands)])
    last = max(story.days[-1].day, story.today)
    days = max((last - first).days, 1)
    return Scale(first.toordinal(), first.toordinal() + days, frame.left, frame.right - 1.5)


def _bands(story: Story, x: Scale) -> tuple[DrawnBand, ...]:
    drawn = []
    for band in story.bands:
        start, end = x.within(band.first.toordinal() - 0.5), x.within(band.last.toordinal() + 0.5)
        drawn.append(DrawnBand(start, round(max(end - start, 0.4), 2), band.title, band.note))
    return tuple(drawn)


def _dates(story: Story, x: Scale) -> tuple[Tick, ...]:
    """Name four to seven days, counted from where the pilot starts."""
    anchor = (story.limits_from or story.days[0].day).toordinal()
    first, last = int(x.low), int(x.high)
    step = next((s for s in DATE_STEPS if (last - first) / s <= MOST_DATES), DATE_STEPS[-1])
    named = range(anchor - (anchor - first) // step * step, last + 1, step)
    days = [date.fromordinal(day) for day in named if x.at(day) < x.end - 4]
    return tuple(Tick(x.at(d.toordinal()), f"{d.day} {d:%b}", minor=i % 2 == 1) for i, d in enumerate(days))


def _lines(story: Story, x: Scale, y: Scale, frame: Frame) -> tuple[DrawnLine, ...]:
    begins = x.start if story.limits_from is None else x.within(story.limits_from.toordinal() - 0.5)
    drawn = [(begins, limit.value, limit.look, limit.word) for limit in story.limits]
    if story.baseline is not None:
        drawn.append((frame.left, story.baseline, "base", "baseline"))
    names = spread_out([y.at(value) for _, value, _, _ in drawn], gap=NAMES_APART)
    return tuple(
        DrawnLine(start, y.at(value), look, word, _value(value, story), round(text_y + 4, 1))
        for (start, value, look, word), text_y in zip(drawn, names, strict=True)
    )


def _dot(day: Day, value: float, story: Story, x: Scale, y: Scale) -> Dot:
    note = _note(day, story)
    cases = "1 case" if day.n == 1 else f"{day.n:,} cases"
    title = f"{on(day.day)}: {_value(value, story)}{_unit(story)}, {cases}{', ' if note else ''}{note}"
    return Dot(x.at(day.day.toordinal()), y.within(value), _dot_look(day, value, story, y), title)


def _dot_look(day: Day, value: float, story: Story, y: Scale) -> str:
    if day.day in story.left_out:
        return "aside"
    if not y.holds(value):
        return "high" if value > y.high else "low"
    return "young" if _is_settling(day, story) else ""


def _note(day: Day, story: Story) -> str:
    if day.day in story.left_out:
        return LEFT_OUT
    return "still settling" if _is_settling(day, story) else ""


def _is_settling(day: Day, story: Story) -> bool:
    return story.settled_to is not None and day.day > story.settled_to


def _value(value: float, story: Story) -> str:
    return f"{number(value * 100)}%" if story.kind is MetricKind.RATE else number(value)


def _unit(story: Story) -> str:
    return f" {story.unit}" if story.unit and story.kind is not MetricKind.RATE else ""


def _points(run: Run, x: Scale, y: Scale) -> str:
    return " ".join(f"{x.at(day.toordinal()):.2f},{y.within(value):.1f}" for day, value in run)


def _pins(story: Story, x: Scale) -> tuple[Pin, ...]:
    """Mark the days alerts opened; the newest is named where no band's name is in its way."""
    seen = [a for a in sorted(story.alarms, key=lambda a: a.day) if x.holds(a.day.toordinal())]
    pins = []
    for alarm in seen:
        place = x.at(alarm.day.toordinal())
        named = alarm is seen[-1] and all(
            not -2 < place - x.at(band.first.toordinal()) < PIN_ROOM for band in story.bands
        )
        pins.append(
            Pin(place, alarm.look, alarm.title, f"Alert {alarm.day.day} {alarm.day:%b}" if named else "")
        )
    return tuple(pins)


def _rows(story: Story, runs: Iterable[Run]) -> tuple[TableRow, ...]:
    """Return the days as a table, the newest first."""
    lines = {day: value for run in runs for day, value in run}
    return tuple(
        TableRow(d.day, d.n, d.level, lines.get(d.day), _note(d, story)) for d in reversed(story.days)
    )
