"""The lines of large text files and the rows of CSV files, one after the other, each with its place."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from functools import partial
from typing import BinaryIO

from pilots.importing.decoding import BYTE_ORDER_MARK, wrong_byte
from pilots.importing.errors import Problem

LONGEST_LINE = 1 << 20  # bytes; more is not a row but a file without line ends
PROGRESS_EVERY = 4096  # lines

Progress = Callable[[int], object]


def text_lines(stream: BinaryIO, *, file: str, progress: Progress | None = None) -> Iterator[str | Problem]:
    """Yield every line; for one that is not UTF-8 the problem stands in its place."""
    size = 0
    for number, line in enumerate(iter(partial(stream.readline, LONGEST_LINE), b""), start=1):
        size += len(line)
        if progress and number % PROGRESS_EVERY == 0:
            progress(size)
            size = 0
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            reason = f"longer than {LONGEST_LINE:,} bytes; nothing from here on is read"
            yield Problem(reason, file=file, line=number)
            break
        try:
            yield (line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line).decode()
        except UnicodeDecodeError as error:
            yield Problem(wrong_byte(error), file=file, line=number)
    if progress:
        progress(size)


def csv_rows(
    lines: Iterator[str | Problem], *, file: str, delimiter: str = ","
) -> Iterator[tuple[int, list[str] | Problem]]:
    """Yield every row that is not blank with the line it starts on, and what is wrong between them."""
    bad_lines: list[Problem] = []
    reader = csv.reader(_readable(lines, bad_lines), strict=True, delimiter=delimiter)
    ended = False
    while not ended:
        start, row, problem = reader.line_num + 1, None, None
        try:
            row = next(reader, None)
            ended = row is None
        except csv.Error as error:
            problem = _unreadable(error, file, start, reader.line_num)
        if bad_lines:
            yield from ((bad.line or start, bad) for bad in bad_lines)
            bad_lines.clear()
        if problem or row:
            yield start, problem or row or []


def _readable(lines: Iterator[str | Problem], bad: list[Problem]) -> Iterator[str]:
    """Note lines that cannot be read and leave them blank, so that all others keep their numbers."""
    for line in lines:
        if isinstance(line, Problem):
            bad.append(line)
            yield "\n"
        else:
            yield line


def _unreadable(error: csv.Error, file: str, start: int, end: int) -> Problem:
    reason = f"not readable as CSV: {error}"
    if "end of data" in reason or "limit" in reason:
        reason = "a quotation mark is opened and not closed"
    skipped = f"; nothing up to line {end} is read" if end > start else ""
    return Problem(reason + skipped, file=file, line=start)
