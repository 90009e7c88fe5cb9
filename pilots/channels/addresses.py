"""Where a name leads, and whether anything may be sent there: to the open internet alone."""

from __future__ import annotations

import socket
from concurrent.futures import Future
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from threading import Thread

from django.conf import settings

from pilots.channels.errors import DeliveryFailed

# Public by their numbers, and yet they answer only from inside a cloud.
METADATA = (ip_address("168.63.129.16"), ip_address("100.100.100.200"), ip_address("fd00:ec2::254"))
# Networks whose addresses end in an IPv4 address; the last is out of use, but a system may still follow it.
TRANSLATED = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"), ip_network("::/96"))
# Addresses of a site, out of use: the library counts them among the public ones.
SITE = ip_network("fec0::/10")
Address = IPv4Address | IPv6Address


def addresses_of(host: str, port: int, *, seconds: float) -> list[str]:
    """Resolve a host in time and refuse it if any of its addresses lies inside. Raises DeliveryFailed."""
    try:
        addresses = _look_up(host, port).result(seconds)
    except TimeoutError as error:
        raise DeliveryFailed(f"{host} was not found within {seconds:g} s.") from error
    except (OSError, UnicodeError) as error:
        raise DeliveryFailed(f"{host} was not found: {error}") from error
    for address in addresses:
        if not may_connect(ip_address(address.partition("%")[0])):
            raise DeliveryFailed(
                f"{host} is at {address}, which is not an address on the open internet. "
                "OUTGOING_ALLOWED can name it.",
                permanent=True,
            )
    return addresses


def _look_up(host: str, port: int) -> Future[list[str]]:
    """Resolve a host in a thread of its own: the system's look-up knows no time limit."""
    found: Future[list[str]] = Future()

    def look() -> None:
        try:
            entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.set_result(list(dict.fromkeys(str(entry[4][0]) for entry in entries)))
        except Exception as error:  # whoever waits gets it
            found.set_exception(error)

    Thread(target=look, daemon=True).start()
    return found


def may_connect(address: Address) -> bool:
    """Say whether an address is on the open internet, or named in OUTGOING_ALLOWED."""
    inner = _within(address)
    if any(inner in ip_network(entry, strict=False) for entry in settings.OUTGOING_ALLOWED):
        return True
    return inner.is_global and not inner.is_multicast and inner not in METADATA and inner not in SITE


def _within(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for, or the address itself."""
    if isinstance(address, IPv4Address) or address.is_loopback:
        return address
    if any(address in network for network in TRANSLATED):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address
