"""Entries of a timeline that say the same are told as one: readings day after day, a set-up in one go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from pilots.evaluation.wording import counted, on
from pilots.reports.happenings import Batch, Entry
from pilots.reports.words import numbered, span_words


def gathered(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries, those next to each other that say the same put together."""
    told: list[Entry] = []
    for same, run in groupby(entries, key=lambda entry: (entry.kind, entry.same)):
        alike = list(run)
        told += [_together(alike)] if same[1] and len(alike) > 1 else alike
    return told


def batch_entry(at: Entry, batch: Batch, deliveries: int = 1) -> Entry:
    """Say of which days readings came, how many, and from where."""
    days = on(batch.last) if batch.first == batch.last else span_words(batch.first, batch.last)
    often = f" in {numbered(deliveries, 'delivery', 'deliveries')}" if deliveries > 1 else ""
    text = f"{counted(batch.rows, 'reading')}{often}{batch.source}"
    return replace(at, title=f"Readings of {days} {batch.came}", text=text, batch=batch)


def _together(alike: Sequence[Entry]) -> Entry:
    newest = alike[0]
    batches = [entry.batch for entry in alike if entry.batch is not None]
    if not batches:
        return replace(newest, title=f"{len(alike)} parts added", details=tuple(e.part for e in alike[::-1]))
    first, last = min(b.first for b in batches), max(b.last for b in batches)
    whole = replace(batches[0], first=first, last=last, rows=sum(b.rows for b in batches))
    return batch_entry(newest, whole, len(batches))
