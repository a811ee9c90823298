"""What is read of the request that opens a connection, and the check of its Origin."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

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


def is_allowed_origin(headers: Mapping[str, str]) -> bool:
    """Allow programs (no Origin), the listed origins (the same list as CORS), and pages of this very host.

    Any site may open a websocket, and the browser adds our cookies: only this check keeps other sites' pages out.
    """
    origin, host = headers.get("origin"), headers.get("host")
    if origin is None or origin in settings.ALLOWED_ORIGINS:
        return True
    return host is not None and origin in (f"http://{host}", f"https://{host}")
