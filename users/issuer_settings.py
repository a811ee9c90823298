"""What is wrong with the settings of Clerk, which signs people in."""

import base64
import binascii
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from .keys import parse_public_key

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
# A short one could be guessed from one signed body.
_MIN_SECRET_BYTES = 16


def find_problems() -> Iterator[str]:
    """Yield a sentence for each problem: nobody could sign in, or somebody else would decide who may."""
    if not settings.CLERK_ISSUER:
        yield "CLERK_ISSUER is not set: set it to the address of your Clerk instance."
    elif not _is_secure(settings.CLERK_ISSUER):
        yield "CLERK_ISSUER must be an https address, or an http address of this machine."
    if not _is_secure(settings.CLERK_API_URL):
        yield "CLERK_API_URL must be an https address: it is sent CLERK_SECRET_KEY."
    if not _is_signing_secret(settings.CLERK_WEBHOOK_SIGNING_SECRET):
        yield "CLERK_WEBHOOK_SIGNING_SECRET must be whsec_ and base64, as Clerk's dashboard shows it."
    if settings.CLERK_JWT_KEY:
        try:
            parse_public_key(settings.CLERK_JWT_KEY)
        except ImproperlyConfigured as error:
            yield str(error)
    elif settings.CLERK_JWKS_URL and not _is_secure(settings.CLERK_JWKS_URL):
        yield "CLERK_JWKS_URL must be an https address: the server there decides who may sign in."


def _is_signing_secret(secret: str) -> bool:
    if not secret:
        return True  # no webhooks are taken
    encoded = secret.removeprefix("whsec_")
    try:
        return len(base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)) >= _MIN_SECRET_BYTES
    except binascii.Error:
        return False


def _is_secure(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
