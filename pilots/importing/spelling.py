"""Words that are not known, and the known word that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def unknown(kind: str, word: str, known: Iterable[str]) -> str:
    """Say that a word is not known: with the nearest known one, or with all there are."""
    words = {name.casefold(): name for name in known}
    nearest = get_close_matches(word.casefold(), words, n=1, cutoff=0.6)
    if nearest:
        return f"unknown {kind} '{word}'; did you mean '{words[nearest[0]]}'?"
    if not words:
        return f"unknown {kind} '{word}'; there is none"
    return f"unknown {kind} '{word}'; known: {', '.join(words.values())}"
