"""One check of all settings at start: what is missing, wrong or contradictory is named in one list."""

import ipaddress
import sys
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from accounts.oidc import configuration as oidc_settings
from users import issuer_settings, local_issuer

from .static_files import is_built

ACCOUNTS, CLERK, TRIAL = "accounts", "clerk", "trial"
_SCHEMES = {
    "REDIS_URL": ("redis", "rediss", "unix"),
    "MONGODB_URI": ("mongodb", "mongodb+srv"),
    "DYNAMODB_URL": ("http", "https"),
}

# A follower makes some calls for an entry, each of which may take as long as it can.
_CALLS_A_LEASE = 5


def require_usable_settings() -> None:
    """Raise `ImproperlyConfigured` with one line for each problem."""
    problems = find_problems()
    if problems:
        lines = [f"  - {problem}" for problem in problems]
        raise ImproperlyConfigured("\n".join(["The server does not start with these settings:", *lines]))


_MIN_TOKEN, _MIN_SECRET_KEY = 12, 32


def find_problems() -> list[str]:
    """Return a sentence for each problem of the settings; they hold no password and no address of an engine."""
    return [*settings.ENVIRONMENT_PROBLEMS, *_sign_in(), *_site(), *_engines(), *_health(), *_static()]


def _static() -> Iterator[str]:
    if settings.STATIC_ROOT and not is_built(settings.STATIC_ROOT) and "build_static" not in sys.argv:
        yield "STATIC_ROOT names a folder that has no built files: run manage.py build_static, or leave it empty."


def _health() -> Iterator[str]:
    # Whoever asks for health is not counted, so it must not be one that can be guessed.
    if 0 < len(settings.HEALTH_TOKEN) < _MIN_TOKEN:
        yield f"HEALTH_TOKEN has fewer than {_MIN_TOKEN} characters: set it to 32 random ones."


def _sign_in() -> Iterator[str]:
    if settings.SIGN_IN == TRIAL:
        yield from _trial()
    elif settings.SIGN_IN == CLERK:
        yield from issuer_settings.find_problems()
    elif settings.SIGN_IN == ACCOUNTS:
        yield from _accounts()
    else:
        said = f"SIGN_IN={settings.SIGN_IN[:20]}" if settings.SIGN_IN else "SIGN_IN is not set. It"
        yield (
            f"{said} must be {ACCOUNTS} (this server keeps the accounts), {CLERK} (Clerk signs people in)"
            f" or {TRIAL} (any name, on this machine alone)."
        )


def _trial() -> Iterator[str]:
    """Anybody signs in as anybody: only people at this machine may."""
    if not is_loopback(settings.HOST):
        yield f"SIGN_IN={TRIAL} lets anybody in under any name, so HOST must be a loopback address such as 127.0.0.1."
    if not all(is_loopback(host) for host in settings.ALLOWED_HOSTS):
        yield f"SIGN_IN={TRIAL} lets anybody in under any name, so ALLOWED_HOSTS may have names of this machine only."
    if not is_loopback(urlsplit(settings.PUBLIC_URL).hostname or ""):
        yield f"SIGN_IN={TRIAL} is for this machine alone, but PUBLIC_URL is another address."
    yield from _without_clerk(TRIAL)


def _accounts() -> Iterator[str]:
    yield from _without_clerk(ACCOUNTS)
    yield from _secrets_of_accounts()
    yield from oidc_settings.find_problems()
    if settings.EMAIL_HOST and "@" not in settings.DEFAULT_FROM_EMAIL:
        yield "EMAIL_HOST is set, but EMAIL_FROM is not: set it to the address that mails come from."
    if settings.EMAIL_USE_TLS and settings.EMAIL_USE_SSL:
        yield "EMAIL_USE_TLS and EMAIL_USE_SSL exclude each other: set one of them."
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    if settings.PASSKEY_DOMAIN and not f".{host}".endswith(f".{settings.PASSKEY_DOMAIN}"):
        yield "PASSKEY_DOMAIN must be the host of PUBLIC_URL, or a domain above it: browsers give passkeys to no other."
    if settings.LOCAL_ISSUER_KEY:
        try:
            local_issuer.parse_setting(settings.LOCAL_ISSUER_KEY)
        except ImproperlyConfigured as error:
            yield str(error)


def _secrets_of_accounts() -> Iterator[str]:
    parts = urlsplit(settings.PUBLIC_URL)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        yield "PUBLIC_URL must be an https:// address: passwords are sent as they are typed, and links as they are."
    # A device's token is signed with it: whoever has one may try keys on a machine of their own.
    if len(settings.SECRET_KEY) < _MIN_SECRET_KEY:
        yield f"SECRET_KEY has fewer than {_MIN_SECRET_KEY} characters: set it to 50 random ones."


def _without_clerk(sign_in: str) -> Iterator[str]:
    named = [name for name in ("CLERK_ISSUER", "CLERK_JWT_KEY", "CLERK_JWKS_URL") if getattr(settings, name)]
    if named:
        yield f"SIGN_IN={sign_in}, but {' and '.join(named)} set: choose SIGN_IN={CLERK}, or remove that."


def _site() -> Iterator[str]:
    parts = urlsplit(settings.PUBLIC_URL)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        yield "PUBLIC_URL must be an address such as https://chat.example.org."
    if "*" in settings.ALLOWED_ORIGINS:
        yield "ALLOWED_ORIGINS cannot be *: pages of any site could act for whoever is signed in here."
    if not settings.ALLOWED_HOSTS:
        yield "ALLOWED_HOSTS is empty: name the hosts that people reach this server by."


def _engines() -> Iterator[str]:
    for name, schemes in _SCHEMES.items():
        address = getattr(settings, name)
        if address and urlsplit(address).scheme not in schemes:
            yield f"{name} must begin with {schemes[0]}://."
    if settings.FOLLOW_LEASE < _CALLS_A_LEASE * settings.STORE_TIMEOUT:
        yield f"FOLLOW_LEASE must be {_CALLS_A_LEASE} times STORE_TIMEOUT at least."


@lru_cache(maxsize=100)
def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches this host name or address."""
    name = host.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
