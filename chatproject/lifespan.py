"""The server's own start and stop, as ASGI tells them."""

from collections.abc import Awaitable, Callable
from typing import Any

from chatproject import store
from realtime.hub import close_hub


async def lifespan(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Make ready what is slow to make, and let go of what the process holds before it ends."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            # The first requests must not all wait for it.
            await store.call(store.connection)
        else:
            await close_hub()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
