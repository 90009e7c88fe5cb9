"""What the commands that record readings have in common: their options, and their words."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.management.base import CommandParser

from pilots.importing.errors import BadInput, Problem
from pilots.services.recording import Counts


def add_options(parser: CommandParser) -> None:
    parser.add_argument("file", help="the file; - reads standard input")
    parser.add_argument("--pilot", required=True, metavar="REF")
    parser.add_argument("--partial", action="store_true", help="store the good rows, list the refused")
    parser.add_argument("--correct", action="store_true", help="replace numbers known for the same instant")
    parser.add_argument("--reason", default="", help="why they are replaced")


def correction_reason(*, correct: bool, reason: str) -> str:
    """Return why known numbers are replaced, "" where they must not be."""
    if correct != bool(reason.strip()):
        raise BadInput(Problem("--correct and --reason go together: a correction says why", field="reason"))
    return reason.strip()


def in_words(counts: Counts) -> str:
    return (
        f"{counts.new:,} new, {counts.same:,} the same, {counts.corrected:,} corrected, "
        f"{counts.older:,} older, {counts.refused:,} refused."
    )


def listed(problems: Sequence[Problem], *, of: int) -> str:
    """List refused rows; of very many the first, and how many more there are."""
    more = [f"… and {of - len(problems):,} more"] if of > len(problems) else []
    return "\n".join([*map(str, problems), *more])
