"""What becomes of a reading that arrives: a pure rule over what is known of its key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pilots.evaluation.moments import Moments


class Fate(StrEnum):
    NEW = "new"
    SAME = "same"
    CORRECTED = "corrected"
    OLDER = "older"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Known:
    """A value of a key, as its source knew it at `as_of`."""

    as_of: datetime
    moments: Moments


def fate_of(
    arriving: Known, *, current: Known | None, same_instant: Moments | None, is_correction: bool
) -> Fate:
    """Decide by the current value of the key and by what is already known of the same `as_of`."""
    if current is None:
        return Fate.NEW
    if arriving.as_of > current.as_of:
        return Fate.CORRECTED
    known = current.moments if arriving.as_of == current.as_of else same_instant
    if known is None:
        return Fate.OLDER
    if known == arriving.moments:
        return Fate.SAME
    return Fate.CORRECTED if is_correction else Fate.REFUSED
