"""Responses with which ASGI middleware refuses a request before Django has seen it."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from typing import Any

from django.conf import settings

from foundation.counters import errors
from foundation.errors import AppError

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
# Any, because libraries differ in how they type ASGI.
Application = Callable[[Any, Any, Any], Awaitable[None]]

# How long to go on reading a refused body: a client that is still sending would miss the response if the connection
# were closed.
DRAIN_SECONDS = 10.0


async def refuse(
    error: AppError,
    headers: Mapping[str, str],
    receive: Receive,
    send: Send,
    *,
    status: int | None = None,
    more: bool = True,
) -> None:
    """Respond with the error as JSON to a request with these headers; see `respond`."""
    errors.count(error.code)
    body = json.dumps({"error": error.as_wire()}).encode()
    sent = {"content-type": "application/json", **error.headers(), **_cors(headers)}
    await respond(status or error.status, sent, body, receive, send, more=more)


async def respond(
    status: int, headers: Mapping[str, str], body: bytes, receive: Receive, send: Send, *, more: bool = True
) -> None:
    """Send a whole response; while there is `more` of the request's body, go on reading it, so that it is not lost."""
    sent = {**headers, "content-length": str(len(body)), "connection": "close"}
    encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in sent.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    # The whole response is sent now; the server closes the connection only after its last, empty part.
    await send({"type": "http.response.body", "body": body, "more_body": True})
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            while more:
                message = await receive()
                more = message["type"] == "http.request" and message.get("more_body", False)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _cors(headers: Mapping[str, str]) -> dict[str, str]:
    """Return CORS headers, without which a page could not read the error: Django's middleware has not run yet."""
    origin = headers.get("origin", "")
    if origin not in settings.CORS_ALLOWED_ORIGINS:
        return {}
    return {
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": ", ".join(settings.CORS_EXPOSE_HEADERS),
        "vary": "origin",
    }
