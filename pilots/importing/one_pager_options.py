"""The options of a one-pager, and which of them its decision selects."""

from __future__ import annotations

import re
from collections.abc import Collection
from string import ascii_uppercase

from pilots.importing.one_pager_sections import Line

OPTION = re.compile(
    r"(?:option\s+)?(?P<key>[A-Z]|\d{1,2})\s*[:：.)–—-]+\s*(?P<text>\S.*)", re.IGNORECASE | re.DOTALL
)
CHOICE = re.compile(
    r"(?<!not )\b(?:select|choose|chose|adopt|pick|approve|take|go with|proceed with)\w*"
    r"\s+option\s+(\w{1,2})\b",
    re.IGNORECASE,
)
MENTION = re.compile(r"\boption\s+(\w{1,2})\b", re.IGNORECASE)


def options_in(lines: list[Line]) -> tuple[dict[str, str], list[Line]]:
    """Return the options by key, and the lines among them that are none. Without keys they get letters."""
    if not any(OPTION.fullmatch(line.text) for line in lines):
        lettered = {key: line.text for key, line in zip(ascii_uppercase, lines, strict=False)}
        return lettered, lines[len(lettered) :]
    options: dict[str, str] = {}
    strays: list[Line] = []
    for line in lines:
        found = OPTION.fullmatch(line.text)
        if found and found["key"].upper() not in options:
            options[found["key"].upper()] = found["text"]
        elif options and not found and not line.bulleted:
            options[list(options)[-1]] += f"\n{line.text}"
        else:
            strays.append(line)
    return options, strays


def chosen_option(decision: str) -> str | None:
    """Return the key the decision selects: the one it says, or the only option it speaks of."""
    said = CHOICE.search(decision)
    spoken_of = {key.upper() for key in MENTION.findall(decision)}
    if said:
        return said[1].upper()
    return spoken_of.pop() if len(spoken_of) == 1 else None


def choice_doubts(chosen: str | None, options: Collection[str]) -> tuple[str, ...]:
    if chosen is None or chosen in options:
        return ()
    return (f"Decision selects option {chosen}, which is not among the options",)
