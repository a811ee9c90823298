"""The key sets that verify session tokens: one fixed public key, or the issuer's JWKS."""

import asyncio
import http.client
import json
import logging
import threading
import urllib.error
import urllib.request
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from foundation.errors import Unavailable

from . import local_issuer

logger = logging.getLogger(__name__)
_MAX_JWKS_BYTES = 1_000_000
_MAX_UNKNOWN_KIDS = 1_000
_MIN_KEY_BITS = 2048


class KeySet(Protocol):
    def get(self, kid: str | None) -> RSAKey | None:
        """Return the key from memory, or None."""

    async def fetch(self, kid: str | None) -> RSAKey | None:
        """Return a key that `get` lacked, from the issuer if need be; None if it has no such key.

        Raises `Unavailable` while the issuer does not respond.
        """


def configured_key_set() -> KeySet:
    """Return the key set of the settings; a PEM has precedence over the JWKS URL, as it needs no network."""
    if settings.LOCAL_ISSUER:
        key = local_issuer.key_pair()
        return StaticKeySet(key, kid=key.kid)
    if settings.CLERK_JWT_KEY:
        return StaticKeySet(parse_public_key(settings.CLERK_JWT_KEY))
    return JwksKeySet(settings.CLERK_JWKS_URL)


def parse_public_key(pem: str) -> RSAKey:
    """Parse `CLERK_JWT_KEY`, whose line breaks may be escaped as `\\n`; raises `ImproperlyConfigured`."""
    try:
        key = load_pem_public_key(pem.replace("\\n", "\n").strip().encode())
    except ValueError as error:
        raise ImproperlyConfigured("CLERK_JWT_KEY is not a public key in PEM form.") from error
    if not isinstance(key, RSAPublicKey) or key.key_size < _MIN_KEY_BITS:
        raise ImproperlyConfigured(f"CLERK_JWT_KEY must be an RSA key of at least {_MIN_KEY_BITS} bits.")
    return RSAKey.import_key(key)


class StaticKeySet:
    """One key; without a `kid` it verifies tokens of any `kid`, as Clerk's PEM does."""

    def __init__(self, key: RSAKey, kid: str | None = None) -> None:
        self._key = key
        self._kid = kid

    def get(self, kid: str | None) -> RSAKey | None:
        return self._key if self._kid in (None, kid) else None

    async def fetch(self, kid: str | None) -> RSAKey | None:
        return self.get(kid)


class JwksKeySet:
    """The issuer's JWKS, downloaded on a thread, one download at a time. All times are in seconds.

    Anyone can send a token with an unknown `kid`, so such tokens cause one fetch per `min_fetch_interval` at most, and
    the same `kid` one per `unknown_kid_ttl`. Keys older than `max_age` are refreshed; they stay in use if that fails.
    """

    def __init__(
        self,
        url: str,
        *,
        min_fetch_interval: float = 10,
        unknown_kid_ttl: float = 60,
        max_age: float = 3600,
        timeout: float = 3,
    ) -> None:
        self._url = url
        self._min_fetch_interval = min_fetch_interval
        self._unknown_kid_ttl = unknown_kid_ttl
        self._max_age = max_age
        self._timeout = timeout
        self._keys: dict[str, RSAKey] = {}
        self._unknown_kids: dict[str, float] = {}
        self._fresh_until = self._next_fetch = 0.0
        self._last_fetch_succeeded = False
        self._fetching: Future[None] | None = None
        # Not asyncio's lock and future: management commands and sync views may run on other event loops.
        self._lock = threading.Lock()
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="jwks")

    def get(self, kid: str | None) -> RSAKey | None:
        if self._keys and monotonic() >= self._fresh_until:
            # In the background: the current keys serve until the new ones have arrived.
            self._start_fetch()
        return self._keys.get(kid) if kid is not None else None

    async def fetch(self, kid: str | None) -> RSAKey | None:
        if kid is None or self._unknown_kids.get(kid, 0.0) > monotonic():
            return None
        fetching = self._start_fetch()
        if fetching is not None:
            # `wait` does not cancel the shared fetch if this caller is cancelled or times out (a DNS lookup may hang).
            await asyncio.wait([asyncio.wrap_future(fetching)], timeout=self._timeout)
        key = self._keys.get(kid)
        if key is None and not self._last_fetch_succeeded:
            raise Unavailable("The issuer of the session tokens does not answer: the token cannot be checked now.")
        if key is None and fetching is not None and fetching.done():
            self._remember_unknown(kid)
        return key

    def _remember_unknown(self, kid: str) -> None:
        if len(self._unknown_kids) >= _MAX_UNKNOWN_KIDS:
            self._unknown_kids.clear()
        self._unknown_kids[kid] = monotonic() + self._unknown_kid_ttl

    def _start_fetch(self) -> Future[None] | None:
        """Return the fetch in progress or a new one; None within `min_fetch_interval` of the last."""
        with self._lock:
            if self._fetching is not None and not self._fetching.done():
                return self._fetching
            if monotonic() < self._next_fetch:
                return None
            self._next_fetch = monotonic() + self._min_fetch_interval
            self._fetching = self._executor.submit(self._fetch)
            return self._fetching

    def _fetch(self) -> None:
        try:
            keys = parse_jwks(_download(self._url, self._timeout))
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._last_fetch_succeeded = False
            logger.warning("Could not fetch the JWKS from %s: %s", self._url, error)
            return
        self._keys = keys
        self._unknown_kids = {kid: until for kid, until in list(self._unknown_kids.items()) if kid not in keys}
        self._fresh_until = monotonic() + self._max_age
        self._last_fetch_succeeded = True


def _download(url: str, timeout: float) -> bytes:
    # The URL is a setting; at start it was checked to be https, or loopback.
    request = urllib.request.Request(url, headers={"Accept": "application/json"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:  # noqa: S310 # nosec B310
            body: bytes = response.read(_MAX_JWKS_BYTES)
            return body
    except urllib.error.HTTPError as error:
        error.close()
        raise


def parse_jwks(body: bytes) -> dict[str, RSAKey]:
    """Return the RS256 keys of a JWKS document by `kid`; raises `ValueError` if it has none."""
    document = json.loads(body)
    entries = document.get("keys") if isinstance(document, dict) else None
    keys: dict[str, RSAKey] = {}
    for entry in entries if isinstance(entries, list) else []:
        key = _rsa_key(entry)
        if key is not None:
            keys[entry["kid"]] = key
    if not keys:
        raise ValueError("the document has no RS256 key")
    return keys


def _rsa_key(entry: Any) -> RSAKey | None:
    if not isinstance(entry, dict) or entry.get("kty") != "RSA" or not isinstance(entry.get("kid"), str):
        return None
    if entry.get("use", "sig") != "sig" or entry.get("alg", "RS256") != "RS256":
        return None
    try:
        key = RSAKey.import_key(entry)
        key.check_key_op("verify")
    except (JoseError, ValueError, TypeError):
        return None
    # A private key in a JWKS is a leak; a short key can be factored.
    return None if key.is_private or key.public_key.key_size < _MIN_KEY_BITS else key
