"""What a page needs of Clerk where Clerk signs people in: its script's address, and the leave for it to run."""

import base64
import binascii
from functools import cache

from django.conf import settings

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


@cache
def frontend_host() -> str | None:
    """Return the host of Clerk's frontend API, which the publishable key names: `pk_test_<base64 of "host$">`."""
    try:
        encoded = settings.CLERK_PUBLISHABLE_KEY.split("_", 2)[2]
        host = base64.b64decode(encoded + "=" * (-len(encoded) % 4)).decode().rstrip("$")
    except (IndexError, binascii.Error, UnicodeDecodeError):
        return None
    # It becomes part of a header and of a script's address.
    return host if host and all(c.isalnum() or c in ".-" for c in host) else None


def context() -> dict[str, str]:
    """Return what the templates ask for; empty where the local issuer signs people in."""
    if settings.LOCAL_ISSUER:
        return {}
    host = frontend_host()
    script = f"https://{host}/npm/@clerk/clerk-js@5/dist/clerk.browser.js" if host else ""
    return {"issuer": settings.CLERK_ISSUER, "key": settings.CLERK_PUBLISHABLE_KEY, "script": script}


@cache
def policy() -> str:
    """Return the Content-Security-Policy of every page: this server only, and Clerk's own hosts where it signs in."""
    rules = dict(_POLICY)
    host = frontend_host() if not settings.LOCAL_ISSUER else None
    if host:
        # As Clerk's documentation asks; its sign-in box styles itself inline and checks for robots in a frame.
        rules["script-src"] += f" https://{host} https://challenges.cloudflare.com"
        rules["connect-src"] += f" https://{host}"
        rules["img-src"] += " https://img.clerk.com"
        rules["style-src"] += " 'unsafe-inline'"
        rules["worker-src"] = "'self' blob:"
        rules["frame-src"] = "https://challenges.cloudflare.com"
    return "; ".join(f"{name} {value}" for name, value in rules.items())
