"""Where the links of accounts lead to."""

from urllib.parse import urlencode

from django.conf import settings

JOIN, RESET = "/join", "/reset"


def address_of(path: str, token: str) -> str:
    """Return the whole address to pass on. The token is in the query, which Django's log of refused requests lacks."""
    return f"{settings.PUBLIC_URL}{path}?{urlencode({'link': token})}"
