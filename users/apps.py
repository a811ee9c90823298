"""What must be right about the issuer of tokens before the server starts."""

from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class UsersConfig(AppConfig):
    name = "users"

    def ready(self) -> None:
        # Not a system check: uvicorn runs none.
        require_safe_issuer()
        # Registers itself with drf-spectacular when it is imported.
        from . import openapi  # noqa: F401


def require_safe_issuer() -> None:
    """Raise `ImproperlyConfigured` for settings with which anyone could sign in as anyone, or no one at all."""
    if settings.LOCAL_ISSUER:
        _require_local_issuer_allowed()
    elif settings.CLERK_JWT_KEY:
        from .keys import public_key_of_pem  # Models of other apps are not loaded before `ready`.

        public_key_of_pem(settings.CLERK_JWT_KEY)
    else:
        _require_trustworthy(settings.CLERK_JWKS_URL)


def _require_local_issuer_allowed() -> None:
    if settings.CLERK_JWT_KEY or settings.CLERK_JWKS_URL:
        raise ImproperlyConfigured("Clerk's keys are set and CLERK_ISSUER is not: set it to your instance's address.")
    if not settings.LOCAL_ISSUER_ALLOWED:
        raise ImproperlyConfigured(
            "With the local issuer anyone signs in under any name, so it does not start with DEBUG off. Set "
            "CLERK_ISSUER, or ALLOW_LOCAL_ISSUER_IN_PRODUCTION=1 if that is what you want."
        )


def _require_trustworthy(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}):
        return
    raise ImproperlyConfigured("CLERK_JWKS_URL must be an https address: whoever answers it says who may sign in.")
