"""Inspect the engine: is anything forgotten, stuck or silent? Nothing is mended here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Window

from pilots.models import Pulse
from pilots.reports.engine_checks import CHECKS, EngineCheck, last_words, silent_before

EXAMPLES = 5
SILENT = "rounds_silent"
TITLES = {check.name: check.title for check in CHECKS} | {SILENT: "Rounds that have not come for 3 periods"}


@dataclass(frozen=True, slots=True)
class Finding:
    """How often one thing is wrong; the examples name rows, never people."""

    name: str
    count: int
    examples: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return TITLES[self.name]


@dataclass(frozen=True, slots=True)
class Findings:
    """What one inspection found; every check is named, also where nothing is wrong."""

    at: datetime
    checks: tuple[Finding, ...]

    @property
    def is_clear(self) -> bool:
        return not any(check.count for check in self.checks)

    @property
    def counts(self) -> dict[str, int]:
        return {check.name: check.count for check in self.checks}

    @property
    def examples(self) -> dict[str, list[str]]:
        return {check.name: list(check.examples) for check in self.checks if check.count}

    @property
    def facts(self) -> dict[str, object]:
        """Return what is kept of it, as plain JSON."""
        return {"counts": self.counts, "examples": self.examples}


def inspect_engine(*, now: datetime, during: str = "") -> Findings:
    """Look for what should never last: one indexed query a check, however many pilots there are.

    `during` names the round that asks: it is running, so it is not silent.
    """
    silent = tuple(_silent_rounds(now, during))
    found = [_found(check, now) for check in CHECKS]
    return Findings(now, (*found, Finding(SILENT, len(silent), silent)))


def _found(check: EngineCheck, now: datetime) -> Finding:
    shown = list(check.find(now).annotate(total=Window(Count("pk")))[:EXAMPLES])
    total = shown[0].total if shown else 0
    return Finding(check.name, total, tuple(check.words(row) for row in shown))


def _silent_rounds(now: datetime, running: str) -> Iterator[str]:
    came = dict(Pulse.objects.values_list("name", "at"))
    for name, period in settings.PERIODS.items():
        at = came.get(name)
        if name != running and (at is None or at < silent_before(period, now)):
            yield f"{name}, {last_words(at)}"
