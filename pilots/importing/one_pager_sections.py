"""The lines of a one-pager, each under the label it belongs to, in whatever order the labels come."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

SECTIONS = {
    "context": ("context", "background"),
    "options": ("options", "option"),
    "decision": ("decision",),
    "rationale": ("rationale",),
    "risks": ("risks", "risk"),
    "next": ("next", "next steps"),
    "metrics": ("metrics",),
    "drivers": ("drivers",),
    "trade_off": ("trade-off", "tradeoff", "trade off"),
}
FIELDS = {
    "en": ("english",),
    "katakana": ("katakana",),
    "kanji": ("kanji",),
    "quality": ("quality",),
    "updated": ("updated", "last updated"),
    "source": ("source",),
    "coi": ("coi", "conflict of interest", "conflicts of interest"),
}
TITLE = "title"
GROUPS = ("name variants", "names")  # stand above fields and say nothing themselves
LABELS = {word: label for table in (SECTIONS, FIELDS) for label, words in table.items() for word in words}
LABELS[TITLE] = TITLE

BULLET = re.compile(r"(?:[•‣▪●○◦·*+–—-]|\d{1,2}[.)])\s+")
DECORATION = re.compile(r"[-=_*~]{3,}")
CODED_TITLE = re.compile(r"(?P<code>[A-Za-z]{1,4}-?\d{2,6})\s*[:：–—-]\s*(?P<title>\S.*)")
WRAPPED = 60  # a line this long that does not end a sentence goes on in the next


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its heading marks, label or bullet."""

    number: int
    text: str
    bulleted: bool = False


@dataclass(slots=True)
class Sections:
    """Every line that is not blank: a label, under its label, or listed as not placed."""

    placed: dict[str, list[Line]] = field(default_factory=dict)
    label_lines: list[int] = field(default_factory=list)
    unplaced: list[Line] = field(default_factory=list)

    def lines(self, label: str) -> list[Line]:
        return self.placed.get(label, [])

    def paragraphs(self, label: str) -> list[Line]:
        """Return the lines under a label, those that go on in the next one joined."""
        joined: list[Line] = []
        for line in self.lines(label):
            if joined and _goes_on(joined[-1], line):
                last = joined.pop()
                line = Line(last.number, f"{last.text} {line.text}", last.bulleted)
            joined.append(line)
        return joined

    def text(self, label: str) -> str | None:
        """Return what stands under a label as one text, or None where there is nothing."""
        return "\n".join(line.text for line in self.paragraphs(label)) or None


def sort_lines(text: str) -> Sections:
    """Put each line under the label above it, or under the one it starts with."""
    sections = Sections()
    here: str | None = None
    for number, written in enumerate(text.split("\n"), start=1):
        line = written.strip()
        if not line:
            continue
        bare = line.lstrip("#").strip().removeprefix("**").removesuffix("**").strip()
        label, rest = _split_label(bare)
        if label or _is_group(bare) or DECORATION.fullmatch(line):
            sections.label_lines.append(number)
            here = label if not DECORATION.fullmatch(line) else here
        if label:
            sections.placed.setdefault(label, [])
        if label and rest:
            _place(sections, label, Line(number, rest))
        elif number not in sections.label_lines[-1:]:
            heading = line.startswith("#")
            place = TITLE if _is_title(sections, bare, here, heading=heading) else here
            _place(sections, place, Line(number, _without_bullet(bare), bool(BULLET.match(bare))))
    return sections


def _place(sections: Sections, label: str | None, line: Line) -> None:
    """Add a line to its label. A title or field holds one line: what follows it belongs nowhere."""
    lines = sections.placed.setdefault(label, []) if label else sections.unplaced
    full = lines and (label in FIELDS or label == TITLE)
    (sections.unplaced if full else lines).append(line)


def _is_title(sections: Sections, text: str, here: str | None, *, heading: bool) -> bool:
    """Say whether a line is the title, `B0000: Some name`; under *English* it is a name."""
    if not CODED_TITLE.fullmatch(text) or (here == "en" and not sections.lines("en")):
        return False
    return not sections.lines(TITLE) and (heading or here not in SECTIONS)


def _split_label(text: str) -> tuple[str | None, str]:
    """Split `Context: some text` (or a heading, `Context`) into its label and the text."""
    name, colon, rest = _without_bullet(text).replace("：", ":", 1).partition(":")
    label = LABELS.get(_plain(name))
    return (label, rest.strip(" *_")) if label and (colon or not rest) else (None, text)


def _is_group(text: str) -> bool:
    """Say whether a line only announces fields: `Name variants`, `Quality / Updated`."""
    parts = [_plain(part) for part in text.rstrip(":：").split("/")]
    return all(part in GROUPS for part in parts) or (len(parts) > 1 and all(part in LABELS for part in parts))


def _plain(text: str) -> str:
    return " ".join(text.strip(" *_").casefold().split())


def _without_bullet(text: str) -> str:
    return BULLET.sub("", text, count=1).strip() if BULLET.match(text) else text


def _goes_on(last: Line, line: Line) -> bool:
    ended = last.text.endswith((".", "!", "?", ":", ";", "。"))
    return not line.bulleted and not ended and len(last.text) >= WRAPPED and not line.text[:1].isupper()
