"""A provider that may lie: a small HTTP server on loopback whose every answer a test may replace."""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .real_provider import CLIENT_ID

Answer = tuple[int, bytes]
KID = "key-1"


class HostileProvider:
    """What it says unless a test says otherwise is right. `asked` has the paths that were asked for."""

    def __init__(self) -> None:
        self.key: RSAPrivateKey = generate_private_key(65537, 2048)
        self.asked: list[str] = []
        self.claims: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}
        self.headers: dict[str, Any] = {"kid": KID}
        self.token: str | None = None
        self.document: dict[str, Any] = {}
        # What is said beside the tokens, such as which scopes were granted.
        self.beside: dict[str, Any] = {}
        # By path: what is said instead.
        self.instead: dict[str, Callable[[], Answer]] = {}
        self.issuer = ""
        self.forms: list[str] = []

    def public_pem(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def id_token(self) -> str:
        return self.token or jwt.encode(self.claims, self.key, "RS256", headers=self.headers)

    def expects(self, expected_nonce: str, **claims: Any) -> None:
        """Have the next token be of somebody, for this nonce, with these claims instead."""
        now = int(time.time())
        right = {
            "iss": self.issuer,
            "sub": "somebody",
            "aud": CLIENT_ID,
            "exp": now + 60,
            "iat": now,
            "nonce": expected_nonce,
        }
        self.claims = {name: value for name, value in {**right, **claims}.items() if value is not None}
        self.userinfo = {"sub": self.claims.get("sub"), "name": "Somebody"}

    def answer(self, path: str) -> Answer:
        self.asked.append(path)
        if path in self.instead:
            return self.instead[path]()
        return 200, json.dumps(self._right(path)).encode()

    def _right(self, path: str) -> dict[str, Any]:
        if path == "/jwks":
            return {"keys": [self._jwk()]}
        if path == "/token":
            return {"access_token": "access", "token_type": "Bearer", "id_token": self.id_token(), **self.beside}
        if path == "/me":
            return self.userinfo
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/auth",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/me",
            "jwks_uri": f"{self.issuer}/jwks",
            **self.document,
        }

    def _jwk(self) -> dict[str, str]:
        numbers = self.key.public_key().public_numbers()
        encoded = {"n": _base64(numbers.n), "e": _base64(numbers.e)}
        return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": KID, **encoded}


def _base64(number: int) -> str:
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@contextmanager
def hostile_provider() -> Iterator[HostileProvider]:
    provider = HostileProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = provider.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if 300 <= status < 400:
                self.send_header("Location", body.decode())
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:
                return  # whoever asked has had enough

        def do_POST(self) -> None:
            provider.forms.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
