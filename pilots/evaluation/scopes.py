"""Which segments a condition looks at: all, one, each of a dimension, or the gap between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from pilots.evaluation.specs import ALL_CASES, EACH, GAP, OVERALL, ConditionSpec

Dimensions = Mapping[str, tuple[str, ...]]


def expand_scopes(condition: ConditionSpec, dimensions: Dimensions) -> tuple[str, ...]:
    """Return the scopes a condition is judged in: one per category for `each:DIM`, else its own.

    A dimension that does not exist stays as it is written, so that it is answered, never dropped.
    """
    if not condition.scope.startswith(EACH):
        return (condition.scope,)
    dimension = condition.scope.removeprefix(EACH)
    return categories(dimension, dimensions) or (condition.scope,)


def categories(dimension: str, dimensions: Dimensions) -> tuple[str, ...]:
    """Return the scopes of a dimension's categories, written as the segments are."""
    bare = len(dimensions) == 1
    return tuple(name if bare else f"{dimension}={name}" for name in dimensions.get(dimension, ()))


def is_known(scope: str, dimensions: Dimensions) -> bool:
    """Say whether every part of a scope names a category of the pilot."""
    if scope == OVERALL:
        return True
    if scope.startswith(GAP):
        return scope.removeprefix(GAP) in dimensions
    if not dimensions:
        return scope == ALL_CASES
    parts = _parts(scope, _home(dimensions))
    return all(category in dimensions.get(name, ()) for name, category in parts)


def contains(scope: str, segment: str, dimensions: Dimensions) -> bool:
    """Say whether a segment lies in a scope; the order of `dim=category` parts means nothing."""
    if scope in (OVERALL, segment):
        return True
    home = _home(dimensions)
    return _parts(scope, home) <= _parts(segment, home)


def members(scope: str, segments: Iterable[str], dimensions: Dimensions) -> frozenset[str]:
    """Return the segments that lie in a scope."""
    return frozenset(segment for segment in segments if contains(scope, segment, dimensions))


def _home(dimensions: Dimensions) -> str:
    """Return the dimension that bare categories belong to."""
    return next(iter(dimensions)) if len(dimensions) == 1 else ""


@lru_cache(maxsize=4096)
def _parts(scope: str, home: str) -> frozenset[tuple[str, str]]:
    pairs = (part.rpartition("=") for part in scope.split("|"))
    return frozenset((name or home, category) for name, _, category in pairs)
