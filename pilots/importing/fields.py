"""What single fields of outside files may say: readers of text that raise ValueError with the reason."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from pilots.importing.spelling import quoted, unknown

LARGEST = 1e100  # its square can still be added up
MOST_CASES = 2_147_483_647  # what every database stores as a whole number
MOST_DAYS = 32_767  # … and as a small one
NUMBER = re.compile(r"[+-]?(\d+([.]\d*)?|[.]\d+)([eE][+-]?\d+)?", re.ASCII)
WHOLE = re.compile(r"[+-]?\d{1,15}", re.ASCII)
SHARE = re.compile(r"(\d{1,9}(?:[.]\d{1,400})?) ?%", re.ASCII)
REF = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
ADDRESS = re.compile(rf"{ATOM}(?:[.]{ATOM})*@(?:localhost|(?:{LABEL}[.])+{LABEL}(?<=..))")
TRUE = frozenset({"true", "yes", "on", "t", "y", "1"})
FALSE = frozenset({"false", "no", "off", "f", "n", "0"})

Choice = TypeVar("Choice", bound=StrEnum)


def number(text: str) -> float:
    if not NUMBER.fullmatch(text):
        raise ValueError(f"{quoted(text)} is not a number")
    value = float(text)
    if math.isinf(value) or abs(value) > LARGEST:
        raise ValueError(f"{quoted(text)} is too large")
    return value


def whole(least: int = 1, most: int = MOST_CASES) -> Callable[[str], int]:
    """Return a reader of whole numbers from `least` to `most`."""

    def read(text: str) -> int:
        if not WHOLE.fullmatch(text):
            raise ValueError(f"{quoted(text)} is not a whole number")
        if not least <= int(text) <= most:
            raise ValueError(f"{text} is not between {least:,} and {most:,}")
        return int(text)

    return read


def days(least: int = 1) -> Callable[[str], int]:
    """Return a reader of a number of days or reading periods."""
    return whole(least, MOST_DAYS)


def share(text: str) -> float:
    """Read `5 %` or `2.5%` as a fraction; a bare number could mean 5 % or 500 %."""
    found = SHARE.fullmatch(text)
    if not found:
        raise ValueError(f"{quoted(text)} is not a percentage; write it like 5 %")
    return float(Decimal(found[1]) / 100)


def share_text(fraction: float) -> str:
    """Write a fraction so that `share` reads the same fraction back."""
    return f"{(Decimal(repr(fraction)) * 100).normalize():f} %"


def flag(text: str) -> bool:
    if text.lower() not in TRUE | FALSE:
        raise ValueError(f"{quoted(text)} is neither true nor false")
    return text.lower() in TRUE


def ref(text: str, *, most: int = 60) -> str:
    if len(text) > most or not REF.fullmatch(text):
        raise ValueError(f"{quoted(text)} is not a short name: up to {most} letters, digits, '-' and '_'")
    return text


def words(text: str) -> str:
    """Accept any text that every database can store."""
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("holds a character that cannot be stored")
    return text


def phrase(most: int, *, least: int = 0) -> Callable[[str], str]:
    """Return a reader of texts of `least` to `most` characters."""

    def read(text: str) -> str:
        if len(text) > most:
            raise ValueError(f"has {len(text):,} characters; {most:,} fit")
        if len(text) < least:
            raise ValueError("is empty")
        return words(text)

    return read


def address(text: str) -> str:
    if len(text) > 254 or not ADDRESS.fullmatch(words(text)):
        raise ValueError(f"{quoted(text)} is not an email address")
    return text


def one_of(kind: str, choices: type[Choice]) -> Callable[[str], Choice]:
    """Return a reader of one of the named choices."""
    return lambda text: choices(known(kind, choices)(text))


def known(kind: str, names: Iterable[str]) -> Callable[[str], str]:
    """Return a reader of a name that must exist."""
    names = tuple(names)

    def read(text: str) -> str:
        if text not in names:
            raise ValueError(unknown(kind, text, names))
        return text

    return read
