"""What is wrong with an outside file, said so that its author can mend it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, at a place: file, line (1-based), field, reason."""

    reason: str
    file: str = ""
    line: int | None = None
    field: str = ""

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line) if part not in ("", None))
        return " ".join(
            p
            for p in (f"{place}:" if place else "", f"{self.field}:" if self.field else "", self.reason)
            if p
        )


class BadInput(Exception):
    """Raised for an outside file that is refused. Carries every problem found, in file order."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems
