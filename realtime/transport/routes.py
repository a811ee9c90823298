"""Channels' routing by path, for which an unknown path is no error of the server."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from channels.routing import URLRouter
from django.urls import re_path

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# The ASGI extension by which a server responds to a websocket's handshake with any status; without it, with 403 only.
_RESPONSE = "websocket.http.response"
_BODY = b"Not Found"


class Routes(URLRouter):  # type: ignore[misc] # channels has no types
    """Routes requests and websockets; refuses those at other paths with 404."""

    def __init__(self, routes: list[Any]) -> None:
        # Channels routes to any ASGI application; Django's types know only views.
        super().__init__([*routes, re_path("", not_found)])  # type: ignore[arg-type]

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        # Some servers take the root path from a header of the client.
        if scope["path"].startswith(scope.get("root_path", "")):
            await super().__call__(scope, receive, send)
        else:
            await not_found(scope, receive, send)


async def not_found(scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
    """Refuse a request, or a websocket's handshake, with 404."""
    prefix = "websocket." if scope["type"] == "websocket" else ""
    if prefix and _RESPONSE not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close"})
        return
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(_BODY)).encode())]
    await send({"type": f"{prefix}http.response.start", "status": 404, "headers": headers})
    await send({"type": f"{prefix}http.response.body", "body": _BODY})
