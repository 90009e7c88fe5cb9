"""HTTP to places people name: never to an address inside, no redirects, bounded in time and size."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from pilots.channels.errors import DeliveryFailed

SECONDS = 5.0
MOST_BYTES = 64 * 1024
SHOWN = 200  # characters of an answer that are kept
TRY_AGAIN = (408, 425, 429)
# Public by their numbers, and yet they answer only from inside a cloud.
METADATA = (ip_address("168.63.129.16"), ip_address("100.100.100.200"), ip_address("fd00:ec2::254"))
TRANSLATED = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))
Address = IPv4Address | IPv6Address


def post(url: str, body: bytes, headers: Mapping[str, str]) -> str:
    """POST a body and return the status with the beginning of the answer. Raises DeliveryFailed."""
    parts = _checked(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    connection = _Connection(parts, port, _addresses_of(parts.hostname or "", port))
    ends = Timer(SECONDS, connection.cut)
    ends.start()
    try:
        path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        connection.request("POST", path, body, dict(headers))
        answer = connection.getresponse()
        said = answer.read(MOST_BYTES).decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        what = f"No answer within {SECONDS:g} s." if connection.is_cut else f"The connection broke: {error}"
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


def _addresses_of(host: str, port: int) -> list[str]:
    """Resolve a host and refuse it if any of its addresses lies inside."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise DeliveryFailed(f"{host} was not found: {error}") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        if not may_connect(ip_address(address.partition("%")[0])):
            raise DeliveryFailed(
                f"{host} is at {address}, which is not an address on the open internet. "
                "OUTGOING_ALLOWED can name it.",
                permanent=True,
            )
    return addresses


def may_connect(address: Address) -> bool:
    """Say whether an address is on the open internet, or named in OUTGOING_ALLOWED."""
    inner = _within(address)
    if any(inner in ip_network(entry, strict=False) for entry in settings.OUTGOING_ALLOWED):
        return True
    return inner.is_global and not inner.is_multicast and inner not in METADATA


def _within(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for, or the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if any(address in network for network in TRANSLATED):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address


class _Connection(http.client.HTTPConnection):
    """A connection to addresses that were checked, whatever the name stands for by then."""

    def __init__(self, parts: SplitResult, port: int, addresses: list[str]) -> None:
        super().__init__(parts.hostname or "", port, timeout=SECONDS)
        self._addresses = addresses
        self._is_secure = parts.scheme == "https"
        self.has_sent = self.is_cut = False

    def connect(self) -> None:
        self.sock = self._first_to_answer()
        if self._is_secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)

    def _first_to_answer(self) -> socket.socket:
        failed: OSError | None = None
        for address in self._addresses:
            try:
                return socket.create_connection((address, self.port), timeout=SECONDS)
            except OSError as error:
                failed = error
        raise failed or OSError("it has no address")

    def send(self, data: object) -> None:
        super().send(data)  # type: ignore[arg-type]
        self.has_sent = True

    def cut(self) -> None:
        """End the conversation from outside: a peer that drips its answer must not hold a worker."""
        self.is_cut = True
        if self.sock is not None:
            with suppress(OSError):  # it may have closed meanwhile
                self.sock.shutdown(socket.SHUT_RDWR)
