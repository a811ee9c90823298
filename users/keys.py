"""Where the public keys come from that session tokens are checked with."""

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
_MAX_ABSENT_KIDS = 1_000
_MIN_KEY_BITS = 2048


class KeySource(Protocol):
    def find(self, kid: str | None) -> RSAKey | None:
        """Return the key if it is at hand; never waits."""

    async def seek(self, kid: str | None) -> RSAKey | None:
        """Return the key that `find` lacked, asking the issuer if need be; raises `Unavailable`."""


def configured() -> KeySource:
    """Return the source that the settings name; a PEM wins over the JWKS URL, for it needs no network."""
    if settings.LOCAL_ISSUER:
        key = local_issuer.key_pair()
        return FixedKey(key, kid=key.kid)
    if settings.CLERK_JWT_KEY:
        return FixedKey(public_key_of_pem(settings.CLERK_JWT_KEY))
    return JwksKeys(settings.CLERK_JWKS_URL)


def public_key_of_pem(pem: str) -> RSAKey:
    """Read `CLERK_JWT_KEY`; a line break may be written as backslash and n, as some env files need it."""
    try:
        key = load_pem_public_key(pem.replace("\\n", "\n").strip().encode())
    except ValueError as error:
        raise ImproperlyConfigured("CLERK_JWT_KEY is not a public key in PEM form.") from error
    if not isinstance(key, RSAPublicKey) or key.key_size < _MIN_KEY_BITS:
        raise ImproperlyConfigured(f"CLERK_JWT_KEY must be an RSA key of at least {_MIN_KEY_BITS} bits.")
    return RSAKey.import_key(key)


class FixedKey:
    """One key known from the start; without a `kid` it checks every token, as Clerk's PEM does."""

    def __init__(self, key: RSAKey, kid: str | None = None) -> None:
        self._key = key
        self._kid = kid

    def find(self, kid: str | None) -> RSAKey | None:
        return self._key if self._kid in (None, kid) else None

    async def seek(self, kid: str | None) -> RSAKey | None:
        return self.find(kid)


class JwksKeys:
    """The issuer's published keys, fetched on a thread, one fetch at a time.

    Anyone can send a token with an unknown `kid`, so such a token may cause a fetch only once in `least_interval`
    seconds, and the same `kid` only once in `absent_for`. Keys at hand are used on when a fetch fails.
    """

    def __init__(
        self,
        url: str,
        *,
        least_interval: float = 10,
        absent_for: float = 60,
        fresh_for: float = 3600,
        timeout: float = 3,
    ) -> None:
        self._url = url
        self._least_interval = least_interval
        self._absent_for = absent_for
        self._fresh_for = fresh_for
        self._timeout = timeout
        self._keys: dict[str, RSAKey] = {}
        self._absent: dict[str, float] = {}
        self._fresh_until = self._next_fetch = 0.0
        self._answered = False
        self._fetching: Future[None] | None = None
        # A thread's lock and future, not asyncio's: a management command or a sync view may bring its own loop.
        self._lock = threading.Lock()
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="jwks")

    def find(self, kid: str | None) -> RSAKey | None:
        if self._keys and monotonic() >= self._fresh_until:
            # Nobody waits for it: the keys at hand serve until the new ones are here.
            self._start_fetch()
        return self._keys.get(kid) if kid is not None else None

    async def seek(self, kid: str | None) -> RSAKey | None:
        if kid is None or self._absent.get(kid, 0.0) > monotonic():
            return None
        fetching = self._start_fetch()
        if fetching is not None:
            # `wait` leaves the shared fetch alone when this caller goes away or loses patience (a resolver that hangs).
            await asyncio.wait([asyncio.wrap_future(fetching)], timeout=self._timeout)
        key = self._keys.get(kid)
        if key is None and not self._answered:
            raise Unavailable("The issuer of the session tokens does not answer: the token cannot be checked now.")
        if key is None and fetching is not None and fetching.done():
            self._remember_absent(kid)
        return key

    def _remember_absent(self, kid: str) -> None:
        if len(self._absent) >= _MAX_ABSENT_KIDS:
            self._absent.clear()
        self._absent[kid] = monotonic() + self._absent_for

    def _start_fetch(self) -> Future[None] | None:
        """Return the fetch under way, a new one, or None when it is too early for one."""
        with self._lock:
            if self._fetching is not None and not self._fetching.done():
                return self._fetching
            if monotonic() < self._next_fetch:
                return None
            self._next_fetch = monotonic() + self._least_interval
            self._fetching = self._executor.submit(self._fetch)
            return self._fetching

    def _fetch(self) -> None:
        try:
            keys = parse_jwks(_download(self._url, self._timeout))
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._answered = False
            logger.warning("No keys from %s: %s", self._url, error)
            return
        self._keys = keys
        self._absent = {kid: until for kid, until in list(self._absent.items()) if kid not in keys}
        self._fresh_until = monotonic() + self._fresh_for
        self._answered = True


def _download(url: str, timeout: float) -> bytes:
    # The URL is the operator's own setting, checked at start to be https (or loopback).
    request = urllib.request.Request(url, headers={"Accept": "application/json"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:  # noqa: S310
            body: bytes = answer.read(_MAX_JWKS_BYTES)
            return body
    except urllib.error.HTTPError as error:
        error.close()
        raise


def parse_jwks(body: bytes) -> dict[str, RSAKey]:
    """Return the usable keys of a JWKS document by `kid`; raises `ValueError` when there is none."""
    document = json.loads(body)
    entries = document.get("keys") if isinstance(document, dict) else None
    found: dict[str, RSAKey] = {}
    for entry in entries if isinstance(entries, list) else []:
        key = _rsa_key(entry)
        if key is not None:
            found[entry["kid"]] = key
    if not found:
        raise ValueError("the document has no RS256 key")
    return found


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
    # A private key has no place in a JWKS, and a short one proves nothing.
    return None if key.is_private or key.public_key.key_size < _MIN_KEY_BITS else key
