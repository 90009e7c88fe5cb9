"""PostgreSQL's arrays of numbers straight into numpy: no Python object for each of a million readings."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from psycopg import Connection, Cursor
from psycopg.adapt import Buffer, Loader
from psycopg.pq import Format

HEADER = 20  # bytes: dimensions, flags, element type, length, lower bound


def array_cursor(connection: Connection[Any]) -> Cursor[Any]:
    """Return a cursor that reads one-dimensional arrays of numbers without NULLs as numpy arrays."""
    cursor: Cursor[Any] = Cursor(connection)  # the server binds: what a client binds comes back as text
    cursor.format = Format.BINARY
    for name, loader in LOADERS.items():
        info = connection.adapters.types[name]
        cursor.adapters.register_loader(info.array_oid, loader)
    return cursor


class _Numbers(Loader):
    """Loads elements that are each preceded by their length of four bytes."""

    format = Format.BINARY
    kind: str
    wanted: str

    def load(self, data: Buffer) -> NDArray[Any]:
        element = np.dtype([("length", ">i4"), ("number", self.kind)])
        numbers = np.frombuffer(data, element, offset=HEADER)["number"]
        return numbers.astype(self.wanted)


class _Ints(_Numbers):
    kind, wanted = ">i4", "i8"


class _BigInts(_Numbers):
    kind, wanted = ">i8", "i8"


class _Floats(_Numbers):
    kind, wanted = ">f8", "f8"


LOADERS: dict[str, type[Loader]] = {"int4": _Ints, "int8": _BigInts, "float8": _Floats}
