"""The server with one more route: `GET /tasks` returns the number of asyncio tasks."""

import asyncio
import gc
from collections.abc import Awaitable, Callable
from typing import Any

from chatproject.asgi import application as chat

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


async def application(scope: Any, receive: Receive, send: Send) -> None:
    if scope["type"] != "http" or scope["path"] != "/tasks":
        await chat(scope, receive, send)
        return
    # Tasks in reference cycles that were not collected yet are not a leak.
    gc.collect()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": str(len(asyncio.all_tasks())).encode()})
