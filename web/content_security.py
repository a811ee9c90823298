"""The Content-Security-Policy of every page: what the browser may load and run."""

from functools import cache

from . import clerk

_DIRECTIVES = {
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
def policy() -> str:
    """Return the header's value: this server only, and Clerk's own hosts where Clerk signs users in."""
    directives = dict(_DIRECTIVES)
    host = clerk.frontend_host()
    if host:
        # As Clerk's documentation asks; its sign-in box styles itself inline and checks for robots in a frame.
        directives["script-src"] += f" https://{host} https://challenges.cloudflare.com"
        directives["connect-src"] += f" https://{host}"
        directives["img-src"] += " https://img.clerk.com"
        directives["style-src"] += " 'unsafe-inline'"
        directives["worker-src"] = "'self' blob:"
        directives["frame-src"] = "https://challenges.cloudflare.com"
    return "; ".join(f"{name} {value}" for name, value in directives.items())
