"""What the engine notes of its own rounds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pilots.models import Pulse


def beat(name: str, *, now: datetime, took_ms: int, facts: Mapping[str, object]) -> None:
    """Note that a round is over: one statement and one row per kind of round, however many rounds."""
    Pulse.objects.bulk_create(
        [Pulse(name=name, at=now, took_ms=took_ms, facts=dict(facts))],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["at", "took_ms", "facts"],
    )
