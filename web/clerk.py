"""What pages need where Clerk signs users in: the host of its frontend API and the address of its script."""

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
    return host if host and all(c.isalnum() or c in ".-" for c in host) else None


def context() -> dict[str, str]:
    """Return what the templates need: `issuer`, `key` and `script`; empty where the local issuer signs users in."""
    if settings.LOCAL_ISSUER:
        return {}
    host = frontend_host()
    script = f"https://{host}/npm/@clerk/clerk-js@5/dist/clerk.browser.js" if host else ""
    return {"issuer": settings.CLERK_ISSUER, "key": settings.CLERK_PUBLISHABLE_KEY, "script": script}
