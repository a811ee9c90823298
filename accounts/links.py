"""Where the links of accounts lead to; `foundation.link_tokens` makes and checks their tokens."""

from urllib.parse import urlencode

from django.conf import settings

from foundation.link_tokens import MAX_LENGTH, digest_of, id_of, is_token_of, new_token

__all__ = ["JOIN", "MAX_LENGTH", "RESET", "address_of", "digest_of", "id_of", "is_token_of", "new_token"]

JOIN, RESET = "/join", "/reset"


def address_of(path: str, token: str) -> str:
    """Return the whole address to pass on. The token is in the query, which Django's log of refused requests lacks."""
    return f"{settings.PUBLIC_URL}{path}?{urlencode({'link': token})}"
