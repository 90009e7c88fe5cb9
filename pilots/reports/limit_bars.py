"""The geometry of an answer beside its limits. Better is always to the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pilots.reports.scales import Scale

ROOM = 1.4  # how far a bar reaches past the outermost thing on it
WORDS = 17.0  # per cent of a narrow bar that the words of a limit take


@dataclass(frozen=True, slots=True)
class Line:
    """A limit on a bar: its place in per cent, its look (goal, stop, warn), its words."""

    x: float
    look: str
    text: str
    anchor: str = ""
    nudge: int = 0


@dataclass(frozen=True, slots=True)
class Zone:
    x: float
    width: float
    look: str


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit in the data's own sign; `helps` says on which side it becomes true: the better or the worse."""

    value: float
    look: str
    text: str

    @property
    def helps(self) -> bool:
        return self.look == "goal"


@dataclass(frozen=True, slots=True)
class LimitBar:
    """An interval or a point against its limits, all places in per cent."""

    label: str
    lines: tuple[Line, ...]
    zones: tuple[Zone, ...]
    base: float | None
    base_text: str
    estimate: float | None
    span: tuple[float, float] | None  # start and width
    reach: tuple[float, float] | None  # from the baseline to the estimate
    text: str
    text_at: float
    text_anchor: str
    css: str = ""


def limit_bar(
    *,
    value: float | None,
    low: float | None,
    high: float | None,
    base: float | None,
    limits: Sequence[Limit],
    lower_is_better: bool,
    label: str,
    text: str,
    base_text: str = "0",
    css: str = "",
) -> LimitBar:
    """Lay out a bar. All numbers carry the data's sign; the bar is turned so that better is right."""
    turn = -1.0 if lower_is_better else 1.0
    scale = _scale(
        [n * turn for n in (value, low, high, *(m.value for m in limits)) if n is not None], base, turn
    )
    at = [(limit, scale.at(limit.value * turn)) for limit in limits]
    lines = _lines(at)
    base_at = None if base is None else scale.at(base * turn)
    estimate = None if value is None else scale.within(value * turn)
    return LimitBar(
        label=label,
        lines=lines,
        zones=tuple(_zone(limit, x) for limit, x in at if limit.look != "warn"),
        base=base_at,
        base_text="" if base_at is None or _is_written_over(base_at, lines) else base_text,
        estimate=estimate,
        span=_span(scale, low, high, turn),
        reach=_between(base_at, estimate),
        text=text,
        text_at=50 if estimate is None else min(max(estimate, 14), 86),
        text_anchor="mid",
        css=css,
    )


def _scale(values: Sequence[float], base: float | None, turn: float) -> Scale:
    """Put the baseline in the middle; where there is none, the middle of what is shown."""
    middle = base * turn if base is not None else (min(values) + max(values)) / 2
    reach = max((abs(v - middle) for v in values), default=0.0) * ROOM or abs(middle) * 0.1 or 1.0
    return Scale(middle - reach, middle + reach, 0, 100)


def _lines(at: Sequence[tuple[Limit, float]]) -> tuple[Line, ...]:
    return tuple(_line(limit, x, [other for _, other in at if other < x]) for limit, x in at)


def _line(limit: Limit, x: float, before: Sequence[float]) -> Line:
    """Name a limit beside its line, so that neighbours don't write over each other on a narrow screen."""
    crowded = any(x - other < (2 * WORDS if other < WORDS else WORDS) for other in before)
    starts = (limit.helps and x <= 100 - WORDS) or (not limit.helps and (x < WORDS or crowded))
    return Line(x, limit.look, limit.text, *(("", -4) if starts else ("end", 4)))


def _is_written_over(x: float, lines: Sequence[Line]) -> bool:
    """Say whether the words of a limit stand where a name at `x` would."""
    reaches = [
        (line.x - WORDS, line.x + 6) if line.anchor else (line.x - 6, line.x + WORDS) for line in lines
    ]
    return any(first < x < last for first, last in reaches)


def _zone(limit: Limit, x: float) -> Zone:
    return Zone(x, round(100 - x, 2), "goal") if limit.helps else Zone(0, x, "stop")


def _span(scale: Scale, low: float | None, high: float | None, turn: float) -> tuple[float, float] | None:
    if low is None or high is None:
        return None
    ends = sorted(scale.within(n * turn) for n in (low, high))
    return ends[0], round(ends[1] - ends[0], 2)


def _between(one: float | None, other: float | None) -> tuple[float, float] | None:
    if one is None or other is None:
        return None
    return min(one, other), round(abs(one - other), 2)
