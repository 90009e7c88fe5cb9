"""HTTP to places people name: never to an address inside, no redirects, bounded in time and size."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from pilots.channels.addresses import addresses_of
from pilots.channels.errors import DeliveryFailed

SECONDS = 5.0
MOST_BYTES = 64 * 1024
SHOWN = 200  # characters of an answer that are kept
TRY_AGAIN = (408, 425, 429)


def post(url: str, body: bytes, headers: Mapping[str, str]) -> str:
    """POST a body and return the status with the beginning of the answer. Raises DeliveryFailed."""
    parts = _checked(url)
    until = time.monotonic() + SECONDS
    port = parts.port or (443 if parts.scheme == "https" else 80)
    addresses = addresses_of(parts.hostname or "", port, seconds=SECONDS)
    connection = _Connection(parts, port, addresses, until)
    ends = Timer(connection.left(), connection.cut)
    ends.start()
    try:
        path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        connection.request("POST", path, body, dict(headers))
        answer = connection.getresponse()
        said = answer.read(MOST_BYTES).decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        is_late = connection.is_cut or isinstance(error, TimeoutError)
        what = f"No answer within {SECONDS:g} s." if is_late else f"The connection broke: {error}"
        raise DeliveryFailed(what, in_doubt=connection.has_sent) from error
    finally:
        ends.cancel()
        connection.close()
    return _judged(answer.status, " ".join(said.split())[:SHOWN])


def _checked(url: str) -> SplitResult:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise DeliveryFailed(
            "The address must be http:// or https:// with a host and no login.", permanent=True
        )
    return parts


def _judged(status: int, said: str) -> str:
    answer = f"{status} {said}".strip()
    if 200 <= status < 300:
        return answer
    if 300 <= status < 400:
        raise DeliveryFailed(f"{status}: it points elsewhere, and that is not followed.", permanent=True)
    raise DeliveryFailed(answer, permanent=400 <= status < 500 and status not in TRY_AGAIN)


class _Connection(http.client.HTTPConnection):
    """A connection to addresses that were checked, whatever the name stands for by then, until a moment.

    `until` is on the monotonic clock; each step has the time that those before it left.
    """

    def __init__(self, parts: SplitResult, port: int, addresses: list[str], until: float) -> None:
        super().__init__(parts.hostname or "", port)
        self._addresses = addresses
        self._until = until
        self._is_secure = parts.scheme == "https"
        # Kept besides `sock`, which is let go as soon as an answer begins that ends the connection.
        self._wire: socket.socket | None = None
        self.has_sent = self.is_cut = False

    def left(self) -> float:
        """Return the seconds that are left, a millisecond at least: 0 would mean not to wait at all."""
        return max(self._until - time.monotonic(), 0.001)

    def connect(self) -> None:
        self.sock = self._first_to_answer()
        self.sock.settimeout(self.left())
        if self._is_secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)
        self._wire = self.sock
        if self.is_cut:  # while there was nothing yet to cut
            raise TimeoutError

    def _first_to_answer(self) -> socket.socket:
        failed: OSError | None = None
        for address in self._addresses:
            if self.is_cut:
                raise TimeoutError
            try:
                return socket.create_connection((address, self.port), timeout=self.left())
            except OSError as error:
                failed = error
        raise failed or OSError("it has no address")

    def send(self, data: object) -> None:
        super().send(data)  # type: ignore[arg-type]
        self.has_sent = True

    def cut(self) -> None:
        """End the conversation from outside: a peer that drips its answer must not hold a worker."""
        self.is_cut = True
        if self._wire is not None:
            with suppress(OSError):  # it may have closed meanwhile
                # Not the method of a TLS socket, which would read on without TLS.
                socket.socket.shutdown(self._wire, socket.SHUT_RDWR)
