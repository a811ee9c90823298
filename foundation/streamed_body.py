"""Bodies that a view reads while they come: Django spools a whole body to the disk before it calls one.

So a client that is cut off loses no more than what is still on its way.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from django.http import HttpRequest

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
# Any, because libraries differ in how they type ASGI.
Application = Callable[[Any, Any, Any], Awaitable[None]]

_KEY = "chatproject.streamed_body"
_PIECE_BYTES = 64 * 1024


class StreamBodies:
    """ASGI middleware around Django: requests that `is_streamed` names get an empty body, the real one beside it."""

    def __init__(self, app: Application, is_streamed: Callable[[Message], bool]) -> None:
        self.app, self._is_streamed = app, is_streamed

    async def __call__(self, scope: Message, receive: Receive, send: Any) -> None:
        if not self._is_streamed(scope):
            await self.app(scope, receive, send)
            return
        body = _Body(receive)

        async def send_after_body(message: Message) -> None:
            # Many clients read no answer before they have sent everything.
            if message["type"] == "http.response.start":
                async for _ in body.pieces():
                    pass
            await send(message)

        await self.app({**scope, _KEY: body}, body.receive_nothing, send_after_body)


class _Body:
    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._began, self._more = False, True
        self._read = asyncio.Event()

    async def receive_nothing(self) -> Message:
        """Receive an empty body, and then what follows the real one once that was read."""
        if not self._began:
            self._began = True
            return {"type": "http.request", "body": b"", "more_body": False}
        # While it is read, who reads it notices that the client has gone, and keeps what has come.
        await self._read.wait()
        return await self._receive()

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield what has not been read yet; it ends early when the client goes."""
        while self._more:
            message = await self._receive()
            if message["type"] != "http.request":
                self._more = False
                return
            self._more = message.get("more_body", False)
            if body := message.get("body", b""):
                yield body
        self._read.set()


def is_streamed(request: HttpRequest) -> bool:
    """Return whether the body has not come yet, so that Django believes it to be empty."""
    return _KEY in getattr(request, "scope", {})


async def streamed_body(request: HttpRequest) -> AsyncIterator[bytes]:
    """Yield the body of a request in pieces; it ends early when the client goes."""
    body: _Body | None = getattr(request, "scope", {}).get(_KEY)
    if body is not None:
        async for piece in body.pieces():
            yield piece
        return
    # Without the middleware the body has come already.
    while piece := await asyncio.to_thread(request.read, _PIECE_BYTES):
        yield piece
