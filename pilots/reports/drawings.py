"""What a control chart is made of: what it tells, and what is drawn of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pilots.evaluation.vocabulary import MetricKind
from pilots.reports.series import Day


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a chart draws: x in per cent, y in pixels."""

    height: int = 330
    left: float = 6.2
    right: float = 90.0
    top: int = 30
    bottom: int = 304

    @property
    def plot(self) -> int:
        return self.bottom - self.top

    @property
    def dates_at(self) -> int:
        return self.bottom + 18


MAIN = Frame()
SMALL = Frame(height=118, left=9.0, right=97.6, top=8, bottom=92)


@dataclass(frozen=True, slots=True)
class Band:
    """A span of days that is named above the chart: the baseline or a stage."""

    title: str
    note: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class ChartLimit:
    value: float
    look: str  # goal, stop, warn
    word: str


@dataclass(frozen=True, slots=True)
class Alarm:
    day: date
    title: str
    look: str


@dataclass(frozen=True, slots=True)
class Story:
    """Everything a chart tells. Values are in the metric's unit; `settled_to` is the last judged day."""

    days: Sequence[Day]
    kind: MetricKind
    unit: str
    window: int
    today: date
    bands: Sequence[Band]
    baseline: float | None = None
    limits: Sequence[ChartLimit] = ()
    limits_from: date | None = None
    alarms: Sequence[Alarm] = ()
    left_out: frozenset[date] = frozenset()  # days with cases that were set aside
    settled_to: date | None = None


@dataclass(frozen=True, slots=True)
class DrawnBand:
    x: float
    width: float
    title: str
    note: str


@dataclass(frozen=True, slots=True)
class Tick:
    place: float
    text: str
    minor: bool = False

    @property
    def text_at(self) -> float:
        """Return where a label's letters stand so that its middle is at the place."""
        return round(self.place + 4, 1)


@dataclass(frozen=True, slots=True)
class DrawnLine:
    x: float
    y: float
    look: str
    word: str
    value: str
    text_y: float


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    look: str  # "" for a day, young while it settles, high or low off the scale, aside where it is left out
    title: str


@dataclass(frozen=True, slots=True)
class Pin:
    x: float
    look: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class TableRow:
    day: date
    n: int
    level: float | None
    windowed: float | None
    note: str


@dataclass(frozen=True, slots=True)
class Chart:
    frame: Frame
    bands: tuple[DrawnBand, ...]
    grid: tuple[Tick, ...]
    dates: tuple[Tick, ...]
    lines: tuple[DrawnLine, ...]
    dots: tuple[Dot, ...]
    runs: tuple[str, ...]
    pins: tuple[Pin, ...]
    rows: tuple[TableRow, ...]
    last_level: float | None
