"""Words that are not known, and the known word that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

LONGEST_QUOTE = 60


def quoted(text: str) -> str:
    """Return a text of unknown origin as one short quotation on one line."""
    line = " ".join(text[: LONGEST_QUOTE * 2].split())
    return f"'{line}'" if len(line) <= LONGEST_QUOTE else f"'{line[:LONGEST_QUOTE]}…'"


def unknown(kind: str, word: str, known: Iterable[str]) -> str:
    """Say that a word is not known: with the nearest known one, or with all there are."""
    words = {name.casefold(): name for name in known}
    nearest = get_close_matches(word[:LONGEST_QUOTE].casefold(), words, n=1, cutoff=0.6)
    if nearest:
        return f"unknown {kind} {quoted(word)}; did you mean '{words[nearest[0]]}'?"
    if not words:
        return f"unknown {kind} {quoted(word)}; there is none"
    return f"unknown {kind} {quoted(word)}; known: {', '.join(words.values())}"
