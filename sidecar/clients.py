"""Who is at the other end, when proxies stand in between.

Only what a proxy of ours wrote into X-Forwarded-For is believed, read from its right end: everything
to the left of the first address that is no proxy of ours was written by whoever asks.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection

Asked = Request[Any, Any, Any]
# The methods of HTTP that change nothing.
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
# One household or server has a whole network of IPv6 addresses, so it is counted as one.
HOUSEHOLD = 64


@lru_cache
def networks(text: str) -> tuple[Network, ...]:
    """The networks of a setting, as `127.0.0.1, 10.0.0.0/8`.

    >>> networks("::1, 10.0.0.0/8")
    (IPv6Network('::1/128'), IPv4Network('10.0.0.0/8'))
    """
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())


def client_of(peer: str, forwarded: Iterable[str], proxies: tuple[Network, ...]) -> str:
    """The address of whoever asks.

    `peer` is at the other end of the connection, `forwarded` are the X-Forwarded-For headers.

    >>> client_of("10.0.0.1", ["6.6.6.6, 203.0.113.7"], networks("10.0.0.0/8"))
    '203.0.113.7'
    >>> client_of("203.0.113.7", ["6.6.6.6"], networks("10.0.0.0/8"))
    '203.0.113.7'
    """
    found = peer
    for told in reversed(",".join(forwarded).split(",")):
        if not is_in(found, proxies) or (address := _read(told.strip())) is None:
            break
        found = str(address)
    return found


def asking(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The address of whoever asks, as the doors found it."""
    return connection.client.host if connection.client else ""


def household(address: str) -> str:
    """What counts as one who asks: an IPv4 address, or a network of IPv6.

    >>> household("2001:db8:1:2:3::4")
    '2001:db8:1:2::/64'
    """
    read = _read(address)
    if isinstance(read, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((read, HOUSEHOLD), strict=False))
    return str(read or address)


def is_in(address: str, proxies: tuple[Network, ...]) -> bool:
    """Is an address in one of the networks?"""
    read = _read(address)
    return read is not None and any(read in network for network in proxies)


@lru_cache(maxsize=1024)
def _read(text: str) -> Address | None:
    """An address, without the port that some proxies write; None for anything else."""
    bare = text.removeprefix("[").partition("]")[0] if text.startswith("[") else text
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        read = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    mapped = read.ipv4_mapped if isinstance(read, ipaddress.IPv6Address) else None
    return mapped or read
