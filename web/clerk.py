"""What pages need where Clerk signs users in: where its frontend API and its script are."""

import base64
import binascii
from functools import cache

from django.conf import settings


@cache
def frontend_host() -> str | None:
    """Return the host of Clerk's frontend API, which the publishable key names: `pk_test_<base64 of "host$">`.

    None where the local issuer signs users in, and where there is no key or it names no host.
    """
    if settings.LOCAL_ISSUER:
        return None
    try:
        encoded = settings.CLERK_PUBLISHABLE_KEY.split("_", 2)[2]
        host = base64.b64decode(encoded + "=" * (-len(encoded) % 4)).decode().rstrip("$")
    except (IndexError, binascii.Error, UnicodeDecodeError):
        return None
    # The host becomes part of a header and of a script's address.
    name, _, port = host.partition(":")
    if not name or not all(c.isascii() and (c.isalnum() or c in ".-") for c in name) or not (port or "0").isdigit():
        return None
    return host


def frontend_origin() -> str | None:
    """Return where Clerk's frontend API is: https, but on this machine."""
    host = frontend_host()
    if host is None:
        return None
    return f"http://{host}" if host.partition(":")[0] in ("localhost", "127.0.0.1") else f"https://{host}"


def context() -> dict[str, str]:
    """Return what the templates need: `issuer`, `key` and `script`; empty where the local issuer signs users in."""
    if settings.LOCAL_ISSUER:
        return {}
    origin = frontend_origin()
    script = f"{origin}/npm/@clerk/clerk-js@5/dist/clerk.browser.js" if origin else ""
    return {"issuer": settings.CLERK_ISSUER, "key": settings.CLERK_PUBLISHABLE_KEY, "script": script}
