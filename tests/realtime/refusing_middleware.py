"""The chat behind ASGI middleware of an operator's own, which refuses the clients of one address."""

from collections.abc import Awaitable, Callable
from typing import Any

from channels.routing import ProtocolTypeRouter

from chatproject.asgi import application as chat

REFUSED = "127.0.0.2"
TEAPOT = 418


class RefuseAddress:
    """Written once for requests and websockets, as the documentation of Channels shows it."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(
        self, scope: dict[str, Any], receive: Any, send: Callable[[dict[str, Any]], Awaitable[None]]
    ) -> None:
        # What asks the server from within has no address.
        if not scope["client"] or scope["client"][0] != REFUSED:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        else:
            await send({"type": "http.response.start", "status": TEAPOT, "headers": []})
            await send({"type": "http.response.body"})


application = ProtocolTypeRouter(
    {
        name: RefuseAddress(app) if name in ("http", "websocket") else app
        for name, app in chat.application_mapping.items()
    }
)
