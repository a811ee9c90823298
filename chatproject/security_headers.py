"""ASGI middleware: the headers of every HTTP answer, whoever makes it: Django, Socket.IO's polling or a refusal."""

from collections.abc import Iterable
from functools import cache

from django.conf import settings

from .refusal import Application, Message, Receive, Scope, Send

Header = tuple[bytes, bytes]

# For what is no page: JSON, text and errors load and run nothing, if a browser shows them at all.
_LOCKED = b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_UNUSED = ("camera", "display-capture", "geolocation", "microphone", "midi", "payment", "serial", "usb")
_HSTS_SECONDS = 365 * 24 * 3600
# What an answer that is not to be stored depends on: for caches that store it all the same.
_VARY = ("Authorization", "Cookie")


class SecurityHeaders:
    """Wraps the HTTP application: adds what an answer has not set itself; what names no cache rule is not stored."""

    def __init__(self, app: Application) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _protected(message.get("headers", ()))
            await send(message)

        await self.app(scope, receive, send_protected)


def _protected(headers: Iterable[Header]) -> list[Header]:
    given = [(bytes(name).lower(), bytes(value)) for name, value in headers]
    by_name = dict(given)
    missing = [header for header in _defaults() if header[0] not in by_name]
    if by_name.get(b"cache-control", b"no-store") == b"no-store":
        named = b",".join(value for name, value in given if name == b"vary")
        given = [header for header in given if header[0] != b"vary"]
        given.append((b"vary", _vary(named)))
    return given + missing


@cache
def _vary(value: bytes) -> bytes:
    names = [name.strip() for name in value.decode("latin-1").split(",") if name.strip()]
    known = {name.lower() for name in names}
    return ", ".join([*names, *(name for name in _VARY if name.lower() not in known)]).encode("latin-1")


@cache
def _defaults() -> tuple[Header, ...]:
    denied = ", ".join(f"{feature}=()" for feature in _UNUSED)
    headers = [
        (b"content-security-policy", _LOCKED),
        (b"permissions-policy", denied.encode()),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"same-origin"),
        (b"cache-control", b"no-store"),
    ]
    if settings.SECURE_COOKIES:
        headers.append((b"strict-transport-security", f"max-age={_HSTS_SECONDS}".encode()))
    return tuple(headers)
