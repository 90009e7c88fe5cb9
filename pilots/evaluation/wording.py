"""Numbers, dates and names as a reader expects them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from pilots.evaluation.specs import GAP, OVERALL, MetricSpec
from pilots.evaluation.vocabulary import MetricKind

MINUS = "\N{MINUS SIGN}"


def percent(fraction: float, *, unlike: float | None = None) -> str:
    """Write a size in per cent, with as many digits as it needs to differ from another number.

    >>> percent(0.1432), percent(0.041), percent(0.0496, unlike=0.05)
    ('14%', '4.1%', '4.96%')
    """
    size = abs(fraction) * 100
    first = 0 if size >= 10 else 1
    other = None if unlike is None or abs(unlike) == abs(fraction) else abs(unlike) * 100
    for digits in range(first, 5):
        text = _trimmed(size, digits)
        if other is None or text != _trimmed(other, digits):
            break
    return f"{text}%"


def way_words(change: float) -> str:
    return "higher" if change > 0 else "lower"


def range_words(low: float, high: float) -> str:
    """Write the range of a change.

    >>> range_words(-0.19, -0.08), range_words(-0.03, 0.01)
    ('between 8% and 19% lower', 'between 3% lower and 1% higher')
    """
    if low * high > 0:
        near, far = sorted((low, high), key=abs)
        return f"between {percent(near)} and {percent(far)} {way_words(low)}"
    return f"between {percent(low)} lower and {percent(high)} higher"


def amount(value: float, metric: MetricSpec) -> str:
    """Write a value with its unit; a rate in per cent."""
    if metric.kind is MetricKind.RATE:
        return ("" if value >= 0 else MINUS) + percent(value)
    return f"{number(value)} {metric.unit}".rstrip()


def number(value: float) -> str:
    """Write a number with about three digits that count, and a true minus sign.

    >>> number(4680.2), number(-21.84), number(0.01234)
    ('4,680', '−21.8', '0.0123')
    """
    size = abs(value)
    digits = 0 if size >= 100 or value == int(value) else 1 if size >= 10 else 2 if size >= 1 else None
    text = f"{size:.3g}" if digits is None else f"{size:,.{digits}f}"
    return f"{MINUS}{text}" if value < 0 else text


def on(day: date) -> str:
    """Write a date.

    >>> on(date(2026, 9, 29))
    'Tue 29 Sep'
    """
    return f"{day:%a} {day.day} {day:%b}"


def counted(n: int, noun: str) -> str:
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def listed(names: Sequence[str]) -> str:
    """Join names with commas and one "and"."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]


def scope_words(scope: str) -> str:
    """Write a scope as it follows the name of a metric: nothing, or "for gold, high"."""
    if scope == OVERALL or scope.startswith(GAP):
        return ""
    return " for " + ", ".join(part.rpartition("=")[2] for part in scope.split("|"))


def label(ref: str, scope: str) -> str:
    """Write a condition's ref, with its scope where there are others of it."""
    return ref if scope == OVERALL else f"{ref} {scope}"


def _trimmed(number: float, digits: int) -> str:
    text = f"{number:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


_RANGE = re.compile(r" \((likely [^)]*)\)$")


def without_range(fact: str) -> tuple[str, str]:
    """Part a fact from the likely range behind it, which is empty where there is none.

    >>> without_range("Cost is 9% higher than before (likely between 2% and 16% higher)")
    ('Cost is 9% higher than before', 'likely between 2% and 16% higher')
    """
    found = _RANGE.search(fact)
    return (fact[: found.start()], found[1]) if found else (fact, "")
