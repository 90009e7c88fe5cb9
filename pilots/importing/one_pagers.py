"""One-pagers: the text of a decision, read into what can be owned, measured and checked."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from operator import attrgetter
from typing import Any

from pilots.importing.decoding import decoded
from pilots.importing.errors import BadInput, Problem
from pilots.importing.one_pager_options import choice_doubts, chosen_option, options_in
from pilots.importing.one_pager_phrases import named_terms, trade_off_in
from pilots.importing.one_pager_sections import (
    CODED_TITLE,
    SECTIONS,
    TITLE,
    Line,
    Sections,
    sort_lines,
)
from pilots.importing.one_pager_steps import Step, next_steps

__all__ = ["OnePager", "Step", "read_one_pager"]

NOISE = re.compile(r"(?:skip|jump|back|go) to\b|one-?\s?pager|home\b|menu\b|print\b|share\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Names:
    en: str | None
    katakana: str | None
    kanji: str | None


@dataclass(frozen=True, slots=True)
class PagerOption:
    key: str
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Unplaced:
    line: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OnePager:
    """What a one-pager says. None: it does not say. `unplaced` lists what was not understood.

    `doubts` are sentences about places where its sections disagree.
    """

    framework: str | None
    title: str | None
    names: Names
    quality: str | None
    updated: str | None
    source: str | None
    coi: str | None
    context: str | None
    options: tuple[PagerOption, ...]
    decision: str | None
    rationale: str | None
    metrics: tuple[str, ...]
    drivers: tuple[str, ...]
    trade_off: tuple[str, str] | None
    risks: tuple[str, ...]
    next: tuple[Step, ...]
    unplaced: tuple[Unplaced, ...]
    doubts: tuple[str, ...]

    def as_document(self) -> dict[str, Any]:
        """Return the one-pager as a JSON-ready document."""
        return asdict(self)


def read_one_pager(data: bytes, *, file: str) -> OnePager:
    """Read a one-pager, or raise BadInput where it is not a text or has no section of one."""
    sections = sort_lines(decoded(data, file=file))
    if not any(sections.lines(label) for label in SECTIONS):
        reason = "no section of a one-pager is in it (such as Context, Options, Decision, Next)"
        raise BadInput(Problem(reason, file=file, line=1))
    return _understood(sections)


def _understood(sections: Sections) -> OnePager:
    texts = {label: sections.text(label) or "" for label in SECTIONS}
    metrics, drivers = named_terms("metrics", texts), named_terms("drivers", texts)
    options, strays = options_in(sections.paragraphs("options"))
    chosen = chosen_option(texts["decision"])
    title, framework, used = _title(sections)
    unplaced = [line for line in (*sections.unplaced, *strays) if line is not used]
    return OnePager(
        framework=framework,
        title=title,
        names=Names(*(_uncoded(sections.text(label)) for label in ("en", "katakana", "kanji"))),
        quality=sections.text("quality"),
        updated=sections.text("updated"),
        source=sections.text("source"),
        coi=sections.text("coi"),
        context=sections.text("context"),
        options=tuple(PagerOption(key, text, key == chosen) for key, text in options.items()),
        decision=sections.text("decision"),
        rationale=sections.text("rationale"),
        metrics=metrics.terms,
        drivers=drivers.terms,
        trade_off=_trade_off(texts),
        risks=tuple(line.text for line in sections.paragraphs("risks")),
        next=next_steps(texts["next"], texts["decision"], terms=(*metrics.terms, *drivers.terms)),
        unplaced=tuple(
            Unplaced(line.number, line.text) for line in sorted(unplaced, key=attrgetter("number"))
        ),
        doubts=(*metrics.doubts, *drivers.doubts, *choice_doubts(chosen, options)),
    )


def _title(sections: Sections) -> tuple[str | None, str | None, Line | None]:
    """Return the title, the framework's code, and the line without a label that served as title."""
    named = [line for label in (TITLE, "en") for line in sections.lines(label)]
    codes = [found["code"].upper() for line in named if (found := CODED_TITLE.fullmatch(line.text))]
    framework = codes[0] if codes else None
    if named:
        return _uncoded(named[0].text), framework, None
    first = min(sections.label_lines)
    above = [line for line in sections.unplaced if line.number < first and not NOISE.match(line.text)]
    return (above[0].text, framework, above[0]) if above else (None, framework, None)


def _uncoded(text: str | None) -> str | None:
    found = CODED_TITLE.fullmatch(text or "")
    return found["title"] if found else text


def _trade_off(texts: dict[str, str]) -> tuple[str, str] | None:
    if texts["trade_off"]:
        return trade_off_in(texts["trade_off"])
    return trade_off_in("\n".join(texts[label] for label in ("context", "rationale", "risks", "decision")))
