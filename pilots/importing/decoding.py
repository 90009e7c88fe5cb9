"""Bytes of outside files as text: UTF-8, with or without a byte order mark, and nothing else."""

from __future__ import annotations

from pilots.importing.errors import BadInput, Problem

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def decoded(data: bytes, *, file: str) -> str:
    """Return the text of a whole file with plain line ends, or raise BadInput naming line and byte."""
    data = data.removeprefix(BYTE_ORDER_MARK)
    if not data.strip():
        raise BadInput(Problem("the file is empty", file=file, line=1))
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        start = data.rfind(b"\n", 0, error.start) + 1
        raise BadInput(Problem(wrong_byte(error, start), file=file, line=line)) from None
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise BadInput(Problem("not a text file: it holds a NUL byte", file=file, line=line))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def wrong_byte(error: UnicodeDecodeError, line_start: int = 0) -> str:
    """Say which byte of a line is not UTF-8, counted from 1."""
    byte = error.object[error.start]
    return f"not UTF-8: byte {error.start - line_start + 1} of the line is 0x{byte:02X}"
