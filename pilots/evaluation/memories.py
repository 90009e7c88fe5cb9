"""What is remembered between two looks, as a JSON document and back without loss."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pilots.evaluation.specs import ConditionMemory
from pilots.evaluation.vocabulary import Episode

DAYS = ("since", "last_active", "last_reading", "judged_to")
NUMBERS = ("version", "run", "calm")
TEXTS = ("origin", "seen")


def memory_json(memory: ConditionMemory) -> dict[str, Any]:
    days = {name: getattr(memory, name) for name in DAYS}
    return {
        "episode": memory.episode.value,
        **{name: day.isoformat() if day else None for name, day in days.items()},
        **{name: getattr(memory, name) for name in (*NUMBERS, *TEXTS)},
        "first_variances": dict(memory.first_variances),
    }


def memory_of_json(document: Mapping[str, Any]) -> ConditionMemory:
    days = {name: date.fromisoformat(document[name]) for name in DAYS if document[name]}
    parts: dict[str, Any] = {**dict.fromkeys(DAYS), **document, **days}
    return ConditionMemory(**parts | {"episode": Episode(document["episode"])})
