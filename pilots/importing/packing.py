"""Rows that were read, kept small until they are stored: line by line, so that a part can be taken."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from pilots.evaluation.moments import Moments
from pilots.evaluation.specs import AccountSum, Reading
from pilots.evaluation.vocabulary import Arm
from pilots.importing.reading_rows import Row

FASTEST = 1


def packed(rows: Iterable[Row]) -> bytes:
    lines = (
        json.dumps(
            (r.metric, str(r.day), r.segment, r.arm, r.as_of.isoformat(), *_numbers(r.moments), row.line)
        )
        for row in rows
        for r in (row.reading,)
    )
    return zlib.compress("\n".join(lines).encode(), FASTEST)


def unpacked(data: bytes, *, first: int = 0, most: int | None = None) -> list[Row]:
    """Return rows from the one at `first` on: `most` of them, and what was known at the last one's instant.

    So whoever looks between two parts sees what was known at some instant, and never half of it.
    """
    lines = zlib.decompress(data).decode().splitlines()[first:]
    if most is None or len(lines) <= most:
        return [_row(line) for line in lines]
    taken = [_row(line) for line in lines[:most]]
    for line in lines[most : 2 * most]:
        row = _row(line)
        if row.reading.as_of != taken[-1].reading.as_of:
            break
        taken.append(row)
    return taken


def packed_accounts(sums: Sequence[AccountSum]) -> bytes:
    lines = (
        json.dumps((s.metric, str(s.day), s.segment, s.arm, s.account, s.as_of.isoformat(), s.n, s.total))
        for s in sums
    )
    return zlib.compress("\n".join(lines).encode(), FASTEST)


def unpacked_accounts(data: bytes) -> list[AccountSum]:
    return [_account(line) for line in zlib.decompress(data).decode().splitlines()] if data else []


def _numbers(moments: Moments) -> tuple[int, float, float]:
    return moments.n, moments.total, moments.total_sq


def _row(line: str) -> Row:
    metric, day, segment, arm, as_of, n, total, total_sq, number = json.loads(line)
    moments, known = Moments(n, total, total_sq), datetime.fromisoformat(as_of)
    return Row(Reading(metric, date.fromisoformat(day), segment, moments, known, Arm(arm)), number)


def _account(line: str) -> AccountSum:
    metric, day, segment, arm, account, as_of, n, total = json.loads(line)
    known = datetime.fromisoformat(as_of)
    return AccountSum(metric, date.fromisoformat(day), segment, Arm(arm), account, known, n, total)
