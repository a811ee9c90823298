"""The provider's addresses and keys, from its discovery document: kept for an hour, and fetched with bounds."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

from django.conf import settings

from foundation.per_loop import PerLoop
from users.keys import JwksKeySet, KeySet

from .configuration import is_trusted
from .fetching import ProviderAway, fetch

logger = logging.getLogger(__name__)
_PATH = "/.well-known/openid-configuration"
# In seconds: how long a document serves, and between two attempts to fetch one.
MAX_AGE, MIN_INTERVAL = 3600.0, 10.0


@dataclass(frozen=True, slots=True)
class Provider:
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str | None
    end_session_endpoint: str | None
    jwks_uri: str
    # How this server proves to be the client: an OAuth name of it.
    client_auth: str
    keys: KeySet


class Discovery:
    """What is known of the provider. While it is away, what was known before serves on."""

    def __init__(self) -> None:
        self._provider: Provider | None = None
        self._fresh_until = self._next_attempt = 0.0
        self._lock = asyncio.Lock()

    async def find(self) -> Provider:
        """Return the provider; raises `ProviderAway`."""
        if self._provider is None or monotonic() >= self._fresh_until:
            # Who waits for the fetch of another finds its outcome.
            async with self._lock:
                await self._refresh()
        if self._provider is None:
            raise ProviderAway
        return self._provider

    async def _refresh(self) -> None:
        now = monotonic()
        if now < self._next_attempt or (self._provider and now < self._fresh_until):
            return
        self._next_attempt = now + MIN_INTERVAL
        try:
            _, document = await fetch("GET", settings.OIDC_ISSUER.rstrip("/") + _PATH, headers={})
            self._provider = _provider(document, self._provider)
        except ProviderAway as error:
            logger.warning("The discovery document of OIDC_ISSUER could not be fetched or used: %r", error.__cause__)
        else:
            self._fresh_until = now + MAX_AGE


discovery = PerLoop(Discovery)


def _provider(document: Mapping[str, Any], former: Provider | None) -> Provider:
    """Return the provider that a document describes; raises `ProviderAway` unless it is that of the settings."""
    if document.get("issuer") != settings.OIDC_ISSUER:
        # As a whole, with or without its last slash: a token's issuer is compared with it.
        raise ProviderAway from ValueError("it is of another issuer than OIDC_ISSUER names")
    jwks_uri = _address(document, "jwks_uri")
    methods = document.get("token_endpoint_auth_methods_supported")
    return Provider(
        _address(document, "authorization_endpoint"),
        _address(document, "token_endpoint"),
        _address(document, "userinfo_endpoint") if document.get("userinfo_endpoint") else None,
        _address(document, "end_session_endpoint") if document.get("end_session_endpoint") else None,
        jwks_uri,
        _client_auth(methods if isinstance(methods, list) else ["client_secret_basic"]),
        former.keys if former and former.jwks_uri == jwks_uri else JwksKeySet(jwks_uri),
    )


def _address(document: Mapping[str, Any], name: str) -> str:
    address = document.get(name)
    if not isinstance(address, str) or not is_trusted(address):
        raise ProviderAway from ValueError(f"its {name} is no https address")
    return address


def _client_auth(supported: list[object]) -> str:
    if not settings.OIDC_CLIENT_SECRET:
        return "none"
    return "client_secret_basic" if "client_secret_basic" in supported else "client_secret_post"
