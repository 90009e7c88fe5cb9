"""How long to wait before a message, or a channel nothing gets through, is tried again."""

from __future__ import annotations

from datetime import timedelta
from zlib import crc32

FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(minutes=30)
GIVE_UP_AFTER = timedelta(hours=24)
MOST_CHARGED = 7  # tries after which the wait grows no more
DOUBT_WAIT = timedelta(minutes=2)
MOST_DOUBTS = 2
FIRST_SHUT = timedelta(seconds=15)
LONGEST_SHUT = timedelta(minutes=5)


def retry_after(attempts: int, *, key: str) -> timedelta:
    """Return how long to wait: 30 s, doubled each time, up to 30 min.

    It varies by ± 20% with the key, so that rows that failed together don't come back together.
    """
    wait: timedelta = min(FIRST_RETRY * 2 ** min(attempts - 1, 10), LONGEST_RETRY)
    spread = crc32(f"{key} {attempts}".encode()) / 0xFFFFFFFF * 0.4 - 0.2
    return min(wait * (1 + spread), LONGEST_RETRY)


def time_tried(attempts: int, *, key: str) -> timedelta:
    """Return how long the tries so far and the next one spread over, time without an engine left out."""
    return sum((retry_after(attempt, key=key) for attempt in range(1, attempts + 1)), timedelta())


def shut_for(failures: int) -> timedelta:
    """Return how long a channel stays shut: 15 s, doubled each time, up to 5 min."""
    wait: timedelta = min(FIRST_SHUT * 2 ** min(failures - 1, 10), LONGEST_SHUT)
    return wait
