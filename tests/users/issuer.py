"""An issuer for tests: its own key, tokens with any claims and header, and a JWKS served over HTTP."""

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import RSAKey
from jwt.algorithms import RSAAlgorithm

from tests.background_server import served_in_background

ISSUER = "https://clerk.example"
ORIGIN = "https://chat.example"


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Issuer:
    kid: str = "key-1"
    key: rsa.RSAPrivateKey = field(default_factory=_new_key)

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Return valid claims with `changes`; None removes a claim."""
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "sub": "user_alice",
            "sid": f"sess_{secrets.token_hex(8)}",
            "azp": ORIGIN,
            "iat": now,
            "nbf": now,
            "exp": now + 60,
            "sts": "active",
            "v": 2,
        } | changes
        return {claim: value for claim, value in claims.items() if value is not None}

    def token(self, *, kid: str | None = None, **changes: Any) -> str:
        return jwt.encode(self.claims(**changes), self.key, algorithm="RS256", headers={"kid": kid or self.kid})

    def jwk(self) -> dict[str, Any]:
        return {**RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True), "kid": self.kid, "use": "sig"}

    def public_key(self) -> RSAKey:
        return RSAKey.import_key(self.key.public_key())

    def pem(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@dataclass
class JwksServer:
    """`body` and `status` are those of its next responses; it responds only while `gate` is set."""

    url: str
    body: bytes
    status: int = 200
    gate: threading.Event = field(default_factory=threading.Event)
    requested: threading.Event = field(default_factory=threading.Event)
    fetches: int = 0

    def __post_init__(self) -> None:
        self.gate.set()

    def publish(self, *issuers: Issuer) -> None:
        self.body = json.dumps({"keys": [issuer.jwk() for issuer in issuers]}).encode()

    def hang(self) -> None:
        """Receive requests without a response until the gate is set again."""
        self.requested.clear()
        self.gate.clear()

    async def wait_for_request(self) -> None:
        assert await asyncio.to_thread(self.requested.wait, 10)


@contextmanager
def jwks_server() -> Iterator[JwksServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.fetches += 1
            state.requested.set()
            state.gate.wait(30)
            # The client may have timed out.
            with suppress(OSError):
                self.send_response(state.status)
                self.send_header("Content-Length", str(len(state.body)))
                self.end_headers()
                self.wfile.write(state.body)

        def log_message(self, *args: Any) -> None:
            pass

    with served_in_background(Handler) as url:
        state = JwksServer(url=f"{url}/jwks.json", body=b'{"keys": []}')
        try:
            yield state
        finally:
            state.gate.set()


def sign(issuer: Issuer, claims: dict[str, Any] | str) -> str:
    text = claims if isinstance(claims, str) else json.dumps(claims)
    return jwt.api_jws.encode(text.encode(), issuer.key, algorithm="RS256", headers={"kid": issuer.kid})


def sign_hs256(secret: bytes, claims: dict[str, Any], kid: str) -> str:
    """Sign with HS256, by hand: PyJWT refuses a PEM as the secret, an attacker does not."""
    signing_input = f"{encode_json({'alg': 'HS256', 'kid': kid})}.{encode_json(claims)}"
    return f"{signing_input}.{encode_bytes(hmac.digest(secret, signing_input.encode(), hashlib.sha256))}"


def encode_json(value: Any) -> str:
    return encode_bytes(json.dumps(value).encode())


def encode_bytes(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
