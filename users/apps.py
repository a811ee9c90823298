"""Checks the settings of the token issuer before the server starts."""

from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class UsersConfig(AppConfig):
    name = "users"

    def ready(self) -> None:
        # Not a system check: uvicorn does not run those.
        require_safe_issuer()
        # Importing it registers it with drf-spectacular.
        from . import openapi  # noqa: F401


def require_safe_issuer() -> None:
    """Raise `ImproperlyConfigured` if anyone could sign in as anyone, or nobody could sign in at all."""
    if settings.LOCAL_ISSUER:
        _require_allowed_local_issuer()
    elif settings.CLERK_JWT_KEY:
        from .keys import parse_public_key  # Models of other apps are not loaded before `ready`.

        parse_public_key(settings.CLERK_JWT_KEY)
    else:
        _require_secure_url(settings.CLERK_JWKS_URL)


def _require_allowed_local_issuer() -> None:
    if settings.CLERK_JWT_KEY or settings.CLERK_JWKS_URL:
        raise ImproperlyConfigured("Clerk's keys are set and CLERK_ISSUER is not: set it to your instance's address.")
    if not settings.LOCAL_ISSUER_ALLOWED:
        raise ImproperlyConfigured(
            "With the local issuer anyone signs in under any name, so it does not start with DEBUG off. Set "
            "CLERK_ISSUER, or ALLOW_LOCAL_ISSUER_IN_PRODUCTION=1 if that is what you want."
        )


def _require_secure_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}):
        return
    raise ImproperlyConfigured("CLERK_JWKS_URL must be an https address: the server there decides who may sign in.")
