"""A progress bar over the bytes of a file, on stderr, where somebody is watching."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from tqdm import tqdm


@contextmanager
def bytes_read(stream: BinaryIO, *, name: str, passes: int = 1) -> Iterator[Callable[[int], object]]:
    """Show how much of a stream was read; of one whose length nobody knows, only how much so far."""
    size = _size_of(stream)
    total = None if size is None else size * passes
    with tqdm(
        total=total, desc=name, unit="B", unit_scale=True, leave=False, disable=not sys.stderr.isatty()
    ) as bar:
        yield bar.update


def _size_of(stream: BinaryIO) -> int | None:
    try:
        return os.fstat(stream.fileno()).st_size or None
    except (OSError, io.UnsupportedOperation):
        return None
