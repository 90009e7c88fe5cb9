"""The limit of a rule in a pilot file, and how it is judged."""

from __future__ import annotations

from pilots.evaluation.vocabulary import Comparison, Method, MetricKind
from pilots.importing.fields import number, one_of, share
from pilots.importing.pilot_parts import default_method
from pilots.importing.tables import Table

COMPARISONS = tuple(comparison.value for comparison in Comparison)
LARGEST_CHANGE = 100.0  # a fraction: ten thousand per cent
SMALLEST_ALPHA, LARGEST_ALPHA = 0.001, 0.2


def read_method(table: Table, comparison: Comparison | None, kind: MetricKind | None) -> Method:
    usual = default_method(comparison, kind)
    method = table.read("method", one_of("method", Method), usual)
    if method is Method.INTERVAL and usual is Method.POINT:
        reason = "interval judges a change against the baseline (improve_by, worsen_by), and no total"
        table.refuse("method", reason)
    return method


def read_limit(table: Table) -> tuple[Comparison | None, float | None, float | None]:
    """Read the one limit a condition has, if it has one, and the limit at which it is clear again."""
    written = [key for key in (*COMPARISONS, "data_state") if table.has(key)]
    if written == ["data_state"]:
        if table.has("clear"):
            table.refuse("clear", "a rule that watches a data state has no limit")
        return None, None, None
    if len(written) != 1:
        said = f"{' and '.join(written)} are written" if written else "none is written"
        table.faults.add(
            table.at, f"exactly one of {', '.join((*COMPARISONS, 'data_state'))} is needed; {said}"
        )
        return Comparison.ABOVE, 0.0, None
    comparison = Comparison(written[0])
    limit = table.read(comparison.value, _change if comparison.is_relative else number, 0.0)
    clear = table.read("clear", _signed_change if comparison.is_relative else number, None)
    if clear is not None and _beyond(comparison, clear, limit):
        table.refuse("clear", "the clear limit lies beyond the limit itself")
    return comparison, limit, clear


def _beyond(comparison: Comparison, clear: float, limit: float) -> bool:
    return clear < limit if comparison is Comparison.BELOW else clear > limit


def _change(text: str) -> float:
    if text.startswith("-"):
        raise ValueError(f"{text} is below zero; improve_by and worsen_by say the direction")
    if share(text) >= LARGEST_CHANGE:
        raise ValueError(f"{text} is {LARGEST_CHANGE:,.0%} or more")
    return share(text)


def _signed_change(text: str) -> float:
    return -_change(text[1:]) if text.startswith("-") else _change(text)


def alpha(text: str) -> float:
    if not SMALLEST_ALPHA <= number(text) <= LARGEST_ALPHA:
        raise ValueError(f"{text} is not between {SMALLEST_ALPHA} and {LARGEST_ALPHA}")
    return number(text)
