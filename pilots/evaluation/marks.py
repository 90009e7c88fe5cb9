"""Fingerprints of readings: the same number for the same reading, alone or in columns, in any order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from struct import Struct
from zlib import adler32, crc32

import numpy as np
from numpy.typing import NDArray

from pilots.evaluation.moments import Moments
from pilots.evaluation.vocabulary import Arm

Words = NDArray[np.uint64]

ALL = 2**64 - 1
FACTOR = 0x9E3779B97F4A7C15  # odd, its bits without a pattern: 2⁶⁴ over the golden ratio
SHIFT = 29
DOUBLE, WORD = Struct("<d"), Struct("<Q")


def mark_of(day: date, segment: str, arm: Arm, moments: Moments) -> int:
    """Return the mark of one reading, a number of 64 bits."""
    mark = salt_of(segment, arm)
    for word in (day.toordinal(), moments.n, _bits(moments.total), _bits(moments.total_sq)):
        mark = (mark ^ word) * FACTOR & ALL
        mark ^= mark >> SHIFT
    return mark


def marks_of(salts: Words, columns: Sequence[NDArray[np.int64] | NDArray[np.float64]]) -> Words:
    """Return the marks of many readings; the columns are day numbers, cases, sums and sums of squares."""
    marks = salts
    for column in columns:
        marks = (marks ^ column.view(np.uint64)) * np.uint64(FACTOR)
        marks = marks ^ (marks >> np.uint64(SHIFT))
    return marks


@lru_cache(maxsize=4096)
def salt_of(segment: str, arm: Arm) -> int:
    text = f"{segment}|{arm.value}".encode()
    return crc32(text) << 32 | adler32(text)


def _bits(number: float) -> int:
    bits: int = WORD.unpack(DOUBLE.pack(number))[0]
    return bits
