"""The core's enums as the value/label pairs that model fields want."""

from __future__ import annotations

from enum import StrEnum

ACRONYMS = {"SEV1", "SEV2", "SEV3", "SEV4"}


def label(value: str) -> str:
    return value if value in ACRONYMS else value.replace("_", " ").capitalize()


def choices(enum: type[StrEnum]) -> list[tuple[str, str]]:
    return [(member.value, label(member.value)) for member in enum]
