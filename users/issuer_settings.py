"""What is wrong with the settings of Clerk, which signs people in."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from .keys import parse_public_key

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def find_problems() -> Iterator[str]:
    """Yield a sentence for each problem: nobody could sign in, or somebody else would decide who may."""
    if not settings.CLERK_ISSUER:
        yield "CLERK_ISSUER is not set: set it to the address of your Clerk instance."
    if settings.CLERK_JWT_KEY:
        try:
            parse_public_key(settings.CLERK_JWT_KEY)
        except ImproperlyConfigured as error:
            yield str(error)
    elif settings.CLERK_JWKS_URL and not _is_secure(settings.CLERK_JWKS_URL):
        yield "CLERK_JWKS_URL must be an https address: the server there decides who may sign in."


def _is_secure(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
