"""How limits are spoken of: their kinds, what they look across, how much."""

from __future__ import annotations

from dataclasses import dataclass

from pilots.evaluation.specs import EACH, GAP, OVERALL
from pilots.evaluation.vocabulary import Comparison, ConditionKind, DataState
from pilots.importing.segments import segments_of
from pilots.models import Pilot
from pilots.web.forms.fields import percent_text

STATE = "data:"  # before the data state a limit watches for instead of a number
PAST = (("above", "goes above"), ("below", "goes below"))
SILENT = (
    (f"{STATE}{DataState.STALE}", "has late readings"),
    (f"{STATE}{DataState.NO_DATA}", "has no readings any more"),
    (f"{STATE}{DataState.TOO_SMALL}", "has too few cases"),
)
RELATIVE = {Comparison.IMPROVE_BY.value, Comparison.WORSEN_BY.value}


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of limit is spoken of."""

    value: str
    letter: str
    heading: str
    hint: str
    add: str
    when: tuple[tuple[str, str], ...]


KINDS = {
    kind.value: kind
    for kind in (
        Kind(
            ConditionKind.THRESHOLD.value,
            "T",
            "Scale up when all of these hold",
            "Choose the smallest change that would be worth the effort.",
            "Add a scale-up criterion",
            (("improve_by", "is better by"), ("above", "is above"), ("below", "is below")),
        ),
        Kind(
            ConditionKind.ESCALATION_TRIGGER.value,
            "E",
            "Ask for help when any of these holds",
            "The people you choose get a mail; the pilot goes on.",
            "Add an escalation trigger",
            (("worsen_by", "is worse by"), *PAST, *SILENT),
        ),
        Kind(
            ConditionKind.STOP_CONDITION.value,
            "S",
            "Stop when any of these holds",
            "A stop stays until a person decides.",
            "Add a stop condition",
            (("worsen_by", "is worse by"), *PAST, *SILENT),
        ),
    )
}


def scopes(pilot: Pilot) -> list[tuple[str, str]]:
    """Return what a limit may look across, the way people say it."""
    offered = [(OVERALL, "All cases together")]
    for name, kinds in pilot.dimensions.items():
        if len(kinds) > 1:
            words = name.replace("_", " ")
            offered += [
                (f"{EACH}{name}", f"Each {words} by itself"),
                (f"{GAP}{name}", f"The gap between {words}s"),
            ]
    named = segments_of({name: tuple(kinds) for name, kinds in pilot.dimensions.items()})
    return [*offered, *((name, f"Only {name}") for name in named if pilot.dimensions)]


def limit_text(comparison: str, limit: float | None) -> str:
    """Write a limit the way people type it: `5 %` for a change, `24` for a value."""
    if limit is None:
        return ""
    return f"{percent_text(limit)} %" if comparison in RELATIVE else f"{limit:g}"


def next_ref(pilot: Pilot, kind: Kind) -> str:
    """Return the next free short name of this kind: T1, T2 …, S1 …"""
    taken = set(pilot.conditions.values_list("ref", flat=True))
    numbered = (f"{kind.letter}{number}" for number in range(1, len(taken) + 2))
    return next(ref for ref in numbered if ref not in taken)
