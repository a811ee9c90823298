"""Where pushes may go: whoever adds a device chooses the address, so it must lead out of this server's own networks.

An address is looked at when it is added, and what its name was found to be (`names`) at each connection: that is made
to the very address that was looked at, so no second answer of a name server can lead it elsewhere.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import urlsplit

import httpcore
from django.conf import settings

MAX_LENGTH = 1_000
# Seconds for a connection to be there, at whichever of the first addresses of a name.
_CONNECT, _MAX_TRIED = 5.0, 4
_Address = IPv4Address | IPv6Address
# NAT64 (RFC 6052): the last four bytes are an address of IPv4. And what is given out to the internet (RFC 4291).
_TRANSLATED, _GLOBAL_UNICAST = IPv6Network("64:ff9b::/96"), IPv6Network("2000::/3")


def problem_of(endpoint: str) -> str | None:
    """Return what is wrong with the address of a device, None if nothing; no name is looked up."""
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "This is no address."
    if len(endpoint) > MAX_LENGTH or not endpoint.isascii() or any(letter <= " " for letter in endpoint):
        return "This is no address of a push service."
    if settings.PUSH_PRIVATE_NETWORKS:
        return None if parts.scheme in ("http", "https") and host else "This is no address of a push service."
    if parts.scheme != "https" or not host or parts.username is not None or parts.fragment:
        return "It begins with https:// and has neither a user nor a fragment."
    if port not in (None, 443):
        return "A push service has no port of its own."
    return None if is_public_name(host) else "It is not in a public network."


def is_public_name(host: str) -> bool:
    """Return whether a host is a name that a public name server may know, or a public address."""
    try:
        return is_public(ip_address(host))
    except ValueError:
        pass
    name = host.rstrip(".").lower()
    # `127.1`, `0x7f.1` and `2130706433` are addresses to the system's functions: a name's last label is no number.
    last = name.rpartition(".")[2]
    return "." in name and not last[:1].isdigit() and last not in ("localhost", "local", "internal", "lan", "home")


def is_public(address: _Address) -> bool:
    """Return whether an address is one of the internet; those in IPv6 that stand for one of IPv4 count as that."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is not None:
            return is_public(inner)
        if address in _TRANSLATED:
            return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
        # The rest of IPv6 is no part of the internet, whatever it is called: old, local or not yet given out.
        if address not in _GLOBAL_UNICAST:
            return False
    return address.is_global and not address.is_multicast


class PublicNetwork(httpcore.AsyncNetworkBackend):
    """Connects to public addresses alone, unless PUSH_PRIVATE_NETWORKS is set; `find` looks names up."""

    def __init__(self, find: Callable[[str], Awaitable[tuple[str, ...]]]) -> None:
        self._find = find
        self._network: httpcore.AsyncNetworkBackend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first of the host's addresses that answers; raises `httpcore.ConnectError`."""
        last: Exception = httpcore.ConnectError("It has no address in a public network.")
        allowed = [address for address in await self._find(host) if _may_connect(address)]
        for address in allowed[:_MAX_TRIED]:
            try:
                return await self._network.connect_tcp(
                    address, port, _CONNECT / min(len(allowed), _MAX_TRIED), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
        raise last

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.AsyncNetworkStream:
        raise httpcore.ConnectError("A push service is no socket of this machine.")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def _may_connect(address: str) -> bool:
    return settings.PUSH_PRIVATE_NETWORKS or is_public(ip_address(address))
