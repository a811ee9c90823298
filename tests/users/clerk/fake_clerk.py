"""A Clerk for tests, over real HTTP: its keys, its Backend API, and webhooks that Svix's own library signs."""

import base64
import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from typing import Any
from uuid import uuid4

from svix.webhooks import Webhook

from tests.background_server import served_in_background
from tests.users.issuer import Issuer

SECRET_KEY = "sk_test_of_the_fake"
SIGNING_SECRET = "whsec_" + base64.b64encode(b"the secret of webhooks").decode()
Delivery = tuple[bytes, dict[str, str]]


def user_object(user_id: str, *, updated_at: int | None = None, **changes: Any) -> dict[str, Any]:
    """Return Clerk's user object, of this moment unless `updated_at` says otherwise."""
    return {
        "object": "user",
        "id": user_id,
        "first_name": "Ada",
        "last_name": "Lovelace",
        "username": None,
        "image_url": "https://img.clerk.com/ada",
        "primary_email_address_id": "idn_2",
        "email_addresses": [
            {"id": "idn_1", "email_address": "old@example.com"},
            {"id": "idn_2", "email_address": "ada@example.com"},
        ],
        "created_at": 1_700_000_000_000,
        "updated_at": int(time.time() * 1000) if updated_at is None else updated_at,
        "public_metadata": {},
        "private_metadata": {},
    } | changes


def deliver(
    kind: str,
    data: Mapping[str, Any],
    *,
    delivery_id: str | None = None,
    secret: str = SIGNING_SECRET,
    at: float | None = None,
) -> Delivery:
    """Return the body and the headers of a webhook."""
    body = json.dumps({"object": "event", "type": kind, "data": data, "instance_id": "ins_1"})
    return body.encode(), signed(body, delivery_id=delivery_id, secret=secret, at=at)


def signed(
    body: str, *, delivery_id: str | None = None, secret: str = SIGNING_SECRET, at: float | None = None
) -> dict[str, str]:
    """Return the headers with which Svix sends this body."""
    delivery_id = delivery_id or f"msg_{uuid4().hex}"
    moment = datetime.fromtimestamp(int(time.time() if at is None else at), tz=UTC)
    return {
        "svix-id": delivery_id,
        "svix-timestamp": str(int(moment.timestamp())),
        "svix-signature": Webhook(secret).sign(delivery_id, moment, body),
    }


@dataclass
class FakeClerk:
    """`users` are those of its Backend API; `statuses` those of its next answers; it answers while `gate` is set."""

    url: str
    issuer: Issuer = field(default_factory=Issuer)
    published: list[Issuer] = field(default_factory=list)
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    statuses: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.gate.set()
        self.published = [self.issuer]

    def token(self, user_id: str, **claims: Any) -> str:
        """Return a session token as Clerk makes it by default: without a name."""
        claims = {"iss": self.url, "azp": None, "sid": f"sess_{secrets.token_hex(8)}"} | claims
        return self.issuer.token(sub=user_id, **claims)

    def settings(self) -> dict[str, str]:
        """Return the environment of a server where this Clerk signs people in."""
        return {
            "SIGN_IN": "clerk",
            "SECRET_KEY": "x" * 50,
            "CLERK_ISSUER": self.url,
            "CLERK_API_URL": self.url,
            "CLERK_SECRET_KEY": SECRET_KEY,
            "CLERK_WEBHOOK_SIGNING_SECRET": SIGNING_SECRET,
        }

    def answer(self, path: str, authorization: str | None) -> tuple[int, dict[str, str], Any]:
        if path == "/.well-known/jwks.json":
            return 200, {}, {"keys": [issuer.jwk() for issuer in self.published]}
        if authorization != f"Bearer {SECRET_KEY}":
            return 401, {}, {"errors": []}
        if self.statuses:
            status, headers = self.statuses.pop(0)
            return status, headers, {"errors": []}
        user = self.users.get(path.removeprefix("/v1/users/"))
        return (200, {}, user) if user else (404, {}, {"errors": []})


@contextmanager
def fake_clerk() -> Iterator[FakeClerk]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append(self.path)
            state.gate.wait(30)
            status, headers, content = state.answer(self.path, self.headers.get("Authorization"))
            body = json.dumps(content).encode()
            # The client may have timed out.
            with suppress(OSError):
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    with served_in_background(Handler) as url:
        state = FakeClerk(url)
        try:
            yield state
        finally:
            state.gate.set()
