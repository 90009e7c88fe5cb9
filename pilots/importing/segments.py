"""The segments of a pilot: the cross product of its dimensions, each with one canonical name."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

from pilots.evaluation.specs import ALL_CASES, OVERALL
from pilots.importing.spelling import unknown

Dimensions = Mapping[str, tuple[str, ...]]


def segment_name(categories: Mapping[str, str], dimensions: Dimensions) -> str:
    """Return `high` for one dimension, `tier=gold|severity=high` (declared order) for several, else `all`."""
    if not dimensions:
        return ALL_CASES
    if len(dimensions) == 1:
        return next(categories[dimension] for dimension in dimensions)
    return "|".join(f"{name}={categories[name]}" for name in dimensions if name in categories)


def segments_of(dimensions: Dimensions) -> tuple[str, ...]:
    """Return the canonical names of all segments, in declared order."""
    choices = product(*dimensions.values())
    return tuple(segment_name(dict(zip(dimensions, choice, strict=True)), dimensions) for choice in choices)


def canonical_segment(text: str, dimensions: Dimensions) -> str | None:
    """Return the canonical name of a segment written in any order, or None where there is none.

    >>> canonical_segment("severity=high|tier=gold", {"tier": ("gold",), "severity": ("high", "low")})
    'tier=gold|severity=high'
    """
    if not dimensions:
        return ALL_CASES if text in ("", ALL_CASES) else None
    named = _categories(text, dimensions)
    if named is None or len(named) < len(dimensions):
        return None
    return segment_name(named, dimensions)


def canonical_scope(text: str, dimensions: Dimensions) -> str:
    """Return the one spelling of `overall`, `each:DIM`, `gap:DIM` or a segment, or raise ValueError.

    With several dimensions a scope may name some of them only: `tier=gold` is gold at every severity.
    """
    kind, colon, dimension = (part.strip() for part in text.partition(":"))
    if colon and kind in ("each", "gap"):
        if dimension not in dimensions:
            raise ValueError(unknown("dimension", dimension, dimensions))
        return f"{kind}:{dimension}"
    if text == OVERALL or (text == ALL_CASES and not dimensions):
        return OVERALL
    named = _categories(text, dimensions)
    if named is None:
        raise ValueError(unknown("segment", text, (OVERALL, *segments_of(dimensions))))
    return segment_name(named, dimensions)


def _categories(text: str, dimensions: Dimensions) -> dict[str, str] | None:
    """Return the category of each dimension a name speaks of, or None where one of them is not known."""
    if len(dimensions) == 1 and "=" not in text:
        text = f"{next(iter(dimensions))}={text}"
    pairs = [part.partition("=") for part in text.split("|")]
    named = {dimension.strip(): category.strip() for dimension, _, category in pairs}
    exist = all(category in dimensions.get(dimension, ()) for dimension, category in named.items())
    return named if exist and len(named) == len(pairs) else None
