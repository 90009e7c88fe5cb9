"""The bar of a mail: how far a number has gone towards its limit, as widths of table cells."""

from __future__ import annotations

from dataclasses import dataclass

from pilots.evaluation.results import ConditionResult, PilotResult
from pilots.evaluation.specs import PilotSpec
from pilots.evaluation.vocabulary import ConditionKind
from pilots.evaluation.wording import percent, way_words

ROOM = 1.25  # the bar goes on a little beyond what is farthest


@dataclass(frozen=True, slots=True)
class Bar:
    """Widths in per cent: up to the limit, and beyond it; `filled_*` are shares of those two."""

    before: int
    filled_before: int
    filled_beyond: int
    caption: str

    @property
    def beyond(self) -> int:
        return 100 - self.before


def bar_of(found: ConditionResult, pilot: PilotSpec, result: PilotResult | None) -> Bar | None:
    """Return how far a change has gone towards its limit; None where that is no simple length."""
    changes = _of_changes(pilot)
    if found.ref not in changes or found.kind is ConditionKind.THRESHOLD:
        return None
    stop = _stop_limit(found, result, changes)
    limit, change = (found.limit if stop is None else stop), found.change
    if not limit or change is None or change * limit <= 0:
        return None
    size, end = abs(change), abs(limit)
    scale = max(size, end) * ROOM
    return Bar(
        before=round(100 * end / scale),
        filled_before=round(100 * min(size / end, 1)),
        filled_beyond=round(100 * max(size - end, 0) / (scale - end)),
        caption=_caption(found, change, limit, is_stop=stop is not None),
    )


def _of_changes(pilot: PilotSpec) -> set[str]:
    """Return the rules whose limit is a change, and not a value or a gap."""
    specs = (c for c in pilot.conditions if c.comparison and not c.spans_a_gap)
    return {c.ref for c in specs if c.comparison and c.comparison.is_relative}


def _stop_limit(found: ConditionResult, result: PilotResult | None, changes: set[str]) -> float | None:
    """Return the stop limit of the same number, as a fraction in the sign of the data."""
    rules = result.conditions if result else ()
    stops = (c for c in rules if c.kind is ConditionKind.STOP_CONDITION and c.ref in changes)
    return next((c.limit for c in stops if (c.metric, c.scope) == (found.metric, found.scope)), None)


def _caption(found: ConditionResult, change: float, limit: float, *, is_stop: bool) -> str:
    whose = "your stop limit" if is_stop else "your limit"
    now = f"{percent(change, unlike=limit)} {way_words(change)}"
    return f"Now {now}. The line is {whose}, {percent(limit)}."
