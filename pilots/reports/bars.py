"""The geometry of small bars: how far to a limit, how much of a stage, which shares, which way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pilots.evaluation.wording import percent
from pilots.reports.scales import Scale

# The share of a small bar at which its limit stands: what is past it still shows.
LIMIT_AT = 0.78
BETWEEN_LIMITS = 4.0
BETWEEN_STAGES = 3.0
WIDE, HIGH = 116.0, 29.0  # of a sparkline, in pixels


@dataclass(frozen=True, slots=True)
class SmallBar:
    """How far one number is on its way to a limit; the tick is the limit, thick is past it for sure."""

    x: float
    width: float
    fill: float
    tick: float
    thick: bool
    look: str


@dataclass(frozen=True, slots=True)
class Progress:
    """The share of the way to a limit: 0 at the baseline, 1 at the limit; None where it is not known."""

    share: float | None
    thick: bool = False
    look: str = ""


def small_bars(ways: Sequence[Progress]) -> tuple[SmallBar, ...]:
    """Lay out several limits beside each other in one line."""
    if not ways:
        return ()
    width = (100 - BETWEEN_LIMITS * (len(ways) - 1)) / len(ways)
    return tuple(_small_bar(way, i * (width + BETWEEN_LIMITS), width) for i, way in enumerate(ways))


def _small_bar(way: Progress, x: float, width: float) -> SmallBar:
    share = min(max(way.share or 0.0, 0.0) * LIMIT_AT, 1.0)
    return SmallBar(
        x=round(x, 1),
        width=round(width, 1),
        fill=round(share * width, 1),
        tick=round(x + LIMIT_AT * width, 1),
        thick=way.thick,
        look=way.look,
    )


@dataclass(frozen=True, slots=True)
class StagePart:
    x: float
    width: float
    done: float  # width of what is behind
    look: str  # ink while it runs, fill once it is over


def stage_bar(parts: Iterable[tuple[float, bool]]) -> tuple[StagePart, ...]:
    """Lay out stages side by side; each is the share of it that is behind, and whether it runs now."""
    stages = list(parts)
    if not stages:
        return ()
    width = (100 - BETWEEN_STAGES * (len(stages) - 1)) / len(stages)
    return tuple(
        StagePart(
            x=round(i * (width + BETWEEN_STAGES), 1),
            width=round(width, 1),
            done=round(min(max(share, 0.0), 1.0) * width, 1),
            look="ink" if runs else "fill",
        )
        for i, (share, runs) in enumerate(stages)
    )


@dataclass(frozen=True, slots=True)
class Share:
    name: str
    x: float
    width: float
    tone: int  # 0 dark … 3 light
    percent: str


def mix_bar(shares: Sequence[tuple[str, float]]) -> tuple[Share, ...]:
    """Lay out the shares of a whole end to end, with a hair between them."""
    laid, x = [], 0.0
    for i, (name, share) in enumerate(shares):
        laid.append(
            Share(name, round(x, 1), round(max(share * 100 - 0.4, 0.2), 1), min(i, 3), percent(share))
        )
        x += share * 100
    return tuple(laid)


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A short line of one metric in a box of 124 × 34 pixels, with its baseline and one limit."""

    label: str
    points: str
    last: tuple[float, float]
    base: float | None
    limit: float | None
    limit_look: str


def sparkline(
    values: Sequence[float | None], *, base: float | None, limit: float | None, limit_look: str, label: str
) -> Sparkline | None:
    """Lay out a sparkline; None where there are not two values to join. Gaps are bridged."""
    known = [(i, v) for i, v in enumerate(values) if v is not None]
    if len(known) < 2:
        return None
    shown = [v for _, v in known]
    # A limit far off would press the line flat: then it is left out rather than the line.
    spread = (max(shown) - min(shown)) or abs(shown[0]) * 0.1 or 1.0
    far = limit is not None and not min(shown) - 4 * spread <= limit <= max(shown) + 4 * spread
    marks = [m for m in (base, None if far else limit) if m is not None]
    low, high = min(shown + marks), max(shown + marks)
    y = Scale(low, high if high > low else low + 1, HIGH, 5)
    x = Scale(0, max(len(values) - 1, 1), 0, WIDE)
    places = [(x.at(i), y.at(v)) for i, v in known]
    return Sparkline(
        label=label,
        points=" ".join(f"{px:g},{py:g}" for px, py in places),
        last=places[-1],
        base=None if base is None else y.at(base),
        limit=None if far or limit is None else y.at(limit),
        limit_look=limit_look,
    )
