"""The address that a client is counted by."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

from django.conf import settings

# All clients whose address is not known, such as those behind a unix socket without a trusted proxy, count as one.
UNKNOWN = "unknown"
# One customer's network: its devices choose their addresses in it freely.
_IPV6_PREFIX = 64
_MAX_LENGTH = 64
# An address, maybe in brackets, maybe with a port.
_HOP = re.compile(r'"?(?:\[([0-9A-Fa-f:.%\w]+)\](?::\d+)?|([\d.]+)(?::\d+)?|([0-9A-Fa-f:.]+(?:%\w+)?))"?')


def client_address(scope: Mapping[str, Any]) -> str:
    """Return the address of an ASGI scope's client: an IPv4 address, an IPv6 network of 64 bits, or `UNKNOWN`.

    X-Forwarded-For is believed only through the `TRUSTED_PROXIES` proxies that are nearest to this server.
    """
    client = scope.get("client")
    peer = str(client[0]) if client else ""
    forwarded = _forwarded_for(scope["headers"], settings.TRUSTED_PROXIES) if settings.TRUSTED_PROXIES else ""
    return _network_of(forwarded) or _network_of(peer) or UNKNOWN


def _forwarded_for(headers: Iterable[tuple[bytes, bytes]], proxies: int) -> str:
    """Return the address that the outermost trusted proxy was called from: each proxy appends that of its caller.

    What stands further left was sent by the client, who may have made it up.
    """
    lines = [value.decode("latin-1") for name, value in headers if name == b"x-forwarded-for"]
    hops = [hop.strip() for hop in ",".join(lines).rsplit(",", proxies)[-proxies:]]
    return hops[0][:_MAX_LENGTH] if hops else ""


@lru_cache(maxsize=10_000)
def _network_of(text: str) -> str:
    """Return the network of an address, or "" if the text is none."""
    match = _HOP.fullmatch(text)
    try:
        address = ip_address(next(filter(None, match.groups()))) if match else None
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    if address is None or isinstance(address, IPv4Address):
        return str(address or "")
    # As a number: the text of a link-local address ends with the name of an interface.
    return str(IPv6Network((int(address), _IPV6_PREFIX), strict=False))
