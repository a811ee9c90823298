"""Whose passkeys these are: the domain that they are bound to, and the origins of pages that may ask for them.

A browser gives a passkey only to pages of its domain, or of a host below it. So there is one domain, however many hosts
this server has; pages of other hosts offer no passkeys.
"""

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings

NAME = "chatproject"
_LOCALHOST = "localhost"


def domain() -> str | None:
    """Return the domain of passkeys: PASSKEY_DOMAIN, else the host of PUBLIC_URL; None if it has no name.

    Browsers have no passkeys for addresses such as 127.0.0.1: on one machine `localhost` stands in for it.
    """
    host = settings.PASSKEY_DOMAIN or urlsplit(settings.PUBLIC_URL).hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host or None
    return _LOCALHOST if address.is_loopback else None


def origins() -> list[str]:
    """Return the origins of ALLOWED_ORIGINS that are on the domain, and that browsers trust with passkeys."""
    return [origin for origin in settings.ALLOWED_ORIGINS if _is_on_domain(origin)]


def offers_passkeys(origin: str | None) -> bool:
    """Return whether a page of this origin can ask for passkeys."""
    return origin is not None and origin in origins()


def _is_on_domain(origin: str) -> bool:
    parts, own = urlsplit(origin), domain()
    host = parts.hostname or ""
    if own is None or not (host == own or host.endswith(f".{own}")):
        return False
    return parts.scheme == "https" or host == _LOCALHOST or host.endswith(f".{_LOCALHOST}")
