"""What the sentences of a one-pager name: its metrics, its drivers and its trade-off."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pilots.importing.one_pager_steps import VERB

TERMS = r"(?P<{}>[^.;\n]+?)"
REVISIT_IF = r"\b(?:revisit|reconsider|reopen)\b[^.;\n]*?\b(?:if|when)\s+"
QUARREL = r"\b(?:disagree|debate|dispute|argument|conflict)\w*\s+(?:over|about|on)\s+"
METRICS, DRIVERS = TERMS.format("metrics"), TERMS.format("drivers")
UPDATE_RULES = r"with\s+(?:an?\s+|their\s+)?update\s+rules?"

# Where metrics and drivers are named: the clauses that bind people first.
PHRASES = tuple(
    (section, re.compile("".join(parts), re.IGNORECASE))
    for section, *parts in (
        ("decision", r"\bvalidat\w+\s+(?!against\b)", METRICS, r"\s+early\b"),
        ("decision", REVISIT_IF, DRIVERS, r"\s+(?:chang|shift|mov|drift|var)\w+"),
        ("next", r"\bbaselines?\s+(?:for|of)\s+", METRICS, rf"(?=,?\s+and\s+{VERB}|,\s+{VERB}|[.;\n]|$)"),
        ("next", r"\b(?:record|log|document)\s+", DRIVERS, rf",?\s+{UPDATE_RULES}\b"),
        ("context", QUARREL, METRICS, r",?\s+and\s+(?:the\s+)?reliability\s+of\s+", DRIVERS, r"(?=[.;\n]|$)"),
        (
            "rationale",
            r"\bmis(?:read|judg)ing\s+",
            METRICS,
            r"\s+(?:when|while|if)\s+",
            DRIVERS,
            r"\s+(?:are|is)\b",
        ),
        ("risks", r"\b(?:shift|change|move)s?\s+in\s+", METRICS, r",?\s+and\s+(?:delay|slow|block)s?\b"),
    )
)
BINDING = ("decision", "next")

VERSUS = re.compile(r"\s+(?:versus|vs\.?)\s+", re.IGNORECASE)
LEADING = r"(?:the|an?|of|between|balanc\w+|weigh\w*|over|about|on|for|is|as)\s+"
NOUN = r"(?:decision|trade-?off|choice|question|debate|tension|dilemma)\b.*"
LINK = r"(?:and|but|becomes?|is|are|remains?|while|when|without)\b"
# Where one place alone speaks of it, a side ends at the first word that can link it to the rest.
ALONE = (
    re.compile(rf"^.*\b{LEADING}", re.IGNORECASE),
    re.compile(rf"\s+(?:{NOUN}|{LINK}.*)$", re.IGNORECASE),
)
SHARED = (
    re.compile(rf"^(?:{LEADING})+", re.IGNORECASE),
    re.compile(rf"\s+(?:{NOUN}|{LINK})$", re.IGNORECASE),
)


@dataclass(frozen=True, slots=True)
class Named:
    """The terms of one kind in the order they are named, and what the sections disagree about."""

    terms: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def named_terms(kind: str, texts: Mapping[str, str]) -> Named:
    """Draw the `metrics` or `drivers` from the sections' texts.

    A list of their own comes first, then what the decision and the next steps bind people to;
    what other sections name serves where those are silent, and to check them.
    """
    plain = _is_plain(texts)
    named = [
        (section, split_terms(found[kind], plain=plain)) for section, found in _lists(texts) if kind in found
    ]
    if texts.get(kind):
        named.insert(0, (kind, split_terms(texts[kind].replace("\n", ", "), plain=False)))
    binding = [each for section, each in named if section in (*BINDING, kind)]
    terms = _unique(term for each in binding or [each for _, each in named[:1]] for term in each)
    known = {term.casefold() for term in terms}
    doubts = (
        f"{section.capitalize()} names '{term}', which is not among the {kind}"
        for section, each in named
        for term in each
        if term.casefold() not in known
    )
    return Named(terms, tuple(doubts))


def _lists(texts: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    for section, phrase in PHRASES:
        for match in phrase.finditer(texts.get(section, "")):
            yield section, match.groupdict()


def _is_plain(texts: Mapping[str, str]) -> bool:
    """Say whether the author writes lists as `a, b, c`, so that an `and` is part of a term."""
    lists = [terms for _, found in _lists(texts) for terms in found.values()]
    return any(terms.count(",") >= 2 and " and " not in terms for terms in lists)


def split_terms(text: str, *, plain: bool) -> tuple[str, ...]:
    """Split `a, b and c` (or, plain, `a, b, c`) into its terms."""
    parts = [part.strip() for part in text.split(",")]
    last = parts[-1]
    if not plain and not last.lower().startswith("and "):
        parts[-1:] = re.split(r"\s+and\s+", last, flags=re.IGNORECASE)
    bare = (re.sub(r"^(?:and|the|both)\s+", "", part.strip(" .:"), flags=re.IGNORECASE) for part in parts)
    return _unique(" ".join(part.split()) for part in bare)


def _unique(terms: Iterable[str]) -> tuple[str, ...]:
    return tuple({term.casefold(): term for term in reversed(list(terms)) if term}.values())[::-1]


def trade_off_in(text: str) -> tuple[str, str] | None:
    """Return the two sides of `a versus b`: the words that all places of the text agree on."""
    sides = [(a, b) for a, b in (_sides(match, text) for match in VERSUS.finditer(text)) if a and b]
    if not sides:
        return None
    a = _shared([words[::-1] for words, _ in sides])[::-1]
    b = _shared([words for _, words in sides])
    before, after = SHARED
    if len(sides) == 1 or not a or not b:
        (a, b), (before, after) = sides[0], ALONE
    first, second = before.sub("", " ".join(a)), after.sub("", " ".join(b))
    return (first, second) if first and second else None


def _sides(match: re.Match[str], text: str) -> tuple[list[str], list[str]]:
    before = re.split(r"[.,;:!?\n]", text[: match.start()])[-1]
    after = re.split(r"[.,;:!?\n]", text[match.end() :])[0]
    return before.split(), after.split()


def _shared(lists: list[list[str]]) -> list[str]:
    """Return the words that all lists start with."""
    shared = []
    for words in zip(*lists, strict=False):
        if len({word.casefold() for word in words}) > 1:
            break
        shared.append(words[0])
    return shared
