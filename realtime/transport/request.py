"""What is read of the request that opens a connection, and the check of its Host and Origin."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from foundation.limits.address import client_address

# The headers that may authenticate a client; a session keeps them for as long as it lives.
_CREDENTIALS = ("authorization", "cookie")
_MAX_LENGTH = 16 * 1024
# The name of the client's address among them; a name of no header.
ADDRESS = "client address"


def headers_of(scope: Mapping[str, Any]) -> dict[str, str]:
    """Return the request's headers by lower-case name, as text."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def credentials_of(scope: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that may authenticate the client, without those of over 16 KB, and its address (`ADDRESS`)."""
    credentials = {name: headers[name] for name in _CREDENTIALS if 0 < len(headers.get(name, "")) <= _MAX_LENGTH}
    return {**credentials, ADDRESS: client_address(scope)}


def is_allowed(headers: Mapping[str, str]) -> bool:
    """Return whether the request's Host and Origin are this server's: what pages are refused for, sockets are too."""
    return is_allowed_host(headers) and is_allowed_origin(headers)


def is_allowed_host(headers: Mapping[str, str]) -> bool:
    """Allow the hosts of ALLOWED_HOSTS, and programs that name none; every browser does.

    Another site's name may lead to this server's address (DNS rebinding); its pages are then of the "same" host.
    """
    host = headers.get("host")
    if host is None:
        return True
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def own_host() -> str:
    """Return a host name that is allowed."""
    allowed: str = settings.ALLOWED_HOSTS[0] if settings.ALLOWED_HOSTS else "localhost"
    return "localhost" if allowed == "*" else allowed.removeprefix(".")


def is_allowed_origin(headers: Mapping[str, str]) -> bool:
    """Allow programs (no Origin), the listed origins (the same list as CORS), and pages of this very host.

    Any site may open a websocket, and the browser adds our cookies: only this check keeps other sites' pages out. The
    scheme is that of PUBLIC_URL: a page that came over http may have been written by whoever is on the way.
    """
    origin, host = headers.get("origin"), headers.get("host")
    if origin is None or origin in settings.ALLOWED_ORIGINS:
        return True
    scheme = "https" if settings.SECURE_COOKIES else "http"
    return host is not None and origin == f"{scheme}://{host}"
