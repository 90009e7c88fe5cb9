"""How cases are told apart: what a pilot's dimensions may be, and when they may still change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pilots.evaluation.scopes import is_known
from pilots.evaluation.specs import OVERALL
from pilots.importing.segments import canonical_scope
from pilots.models import Observation, Pilot
from pilots.services.errors import Reason, Refused

RESERVED = frozenset("=|:,")  # what scopes and segments are written with


def refuse_bad_dimensions(pilot: Pilot, fields: Mapping[str, Any]) -> None:
    """Refuse dimensions that can't name segments, or that would orphan what speaks of them."""
    if "dimensions" not in fields:
        return
    asked = fields["dimensions"]
    mistakes = mistakes_in(asked)
    if not mistakes and pilot.pk is not None and asked != pilot.dimensions:
        mistakes = _orphans(pilot, asked)
    if mistakes:
        raise Refused(*(Reason(text, "pilot", "dimensions") for text in mistakes))


def mistakes_in(dimensions: Any) -> list[str]:
    """Name what is wrong with dimensions of the shape `{"severity": ["low", "high"]}`."""
    if not isinstance(dimensions, dict):
        return ["Write each dimension with its categories."]
    mistakes = []
    for name, categories in dimensions.items():
        if not isinstance(categories, list | tuple) or not categories:
            mistakes.append(f"“{name}” has no categories.")
            continue
        if len(set(categories)) < len(categories):
            mistakes.append(f"“{name}” names a category twice.")
        mistakes += [f"“{word}” can't be a name here." for word in (name, *categories) if not _is_name(word)]
    return mistakes


def _is_name(word: Any) -> bool:
    return isinstance(word, str) and bool(word.strip()) and word != OVERALL and RESERVED.isdisjoint(word)


def _orphans(pilot: Pilot, asked: Mapping[str, list[str]]) -> list[str]:
    """Name what would lose its segment. Once readings exist segments can only be added."""
    if not Observation.objects.filter(metric__pilot=pilot).exists():
        return _orphaned_rules(pilot, asked)
    kept = asked.keys() == pilot.dimensions.keys()
    if kept and all(set(pilot.dimensions[name]) <= set(asked[name]) for name in asked):
        return []
    return ["Readings name the present categories; only new ones can be added now."]


def _orphaned_rules(pilot: Pilot, asked: Mapping[str, list[str]]) -> list[str]:
    dimensions = {name: tuple(categories) for name, categories in asked.items()}
    lost = [
        f"“{driver}” follows the mix of “{driver.dimension}”; change it first."
        for driver in pilot.drivers.all()
        if driver.dimension and driver.dimension not in asked
    ]
    for condition in pilot.conditions.in_force():
        if not _exists(condition.scope, dimensions):
            lost.append(f"{condition} speaks of “{condition.scope}”; change it first.")
    for stage in pilot.stages.all():
        gone = [segment for segment in stage.exposure_segments if not is_known(segment, dimensions)]
        lost += [f"Stage “{stage}” exposes “{segment}”; change it first." for segment in gone]
    return lost


def _exists(scope: str, dimensions: Mapping[str, tuple[str, ...]]) -> bool:
    try:
        canonical_scope(scope, dimensions)
    except ValueError:
        return False
    return True
