"""Starts and stops what a process shares, on the lifespan events of ASGI."""

import asyncio
import gc
from collections.abc import Awaitable, Callable
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from dynamodb import store
from groups.log.head_hints import close_head_hints
from groups.read_marks import close_read_marks
from messaging.session_expiry import close_revoked_sessions
from messaging.shutdown import announce_shutdown
from presence.broadcaster import close_presence, presence_broadcaster
from realtime.hub.hub import close_hub
from realtime.transport.endpoint import ENDPOINTS
from users import tokens
from users.revoked import revoked_sessions
from users.updates import user_updates

from .drain import drain_on_terminate
from .routing import endpoints, socketio_server


async def lifespan(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Prepare what would delay the first requests, and close everything before the process ends."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            scope.get("state", {})[ENDPOINTS] = endpoints
            try:
                await asyncio.to_thread(store.prepare)
            except ImproperlyConfigured as error:
                # Servers take an exception here for an application without lifespan events, and start anyway.
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                return
            await asyncio.to_thread(tokens.prepare)
            close_revoked_sessions()
            drain_on_terminate(announce_shutdown, socketio_server().end_polls)
            presence_broadcaster()
            _tune_garbage_collector()
        else:
            if server := socketio_server.pop():
                await server.close()
            await close_presence()
            await user_updates().wait()
            await close_hub()
            await close_read_marks()
            await close_head_hints()
            if sessions := revoked_sessions.pop():
                await sessions.close()
            await store.close()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def _tune_garbage_collector() -> None:
    """Exempt what start-up made from garbage collection, and collect less often.

    With Python's defaults, a fifth of the work of a thousand connects is collections that find nothing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
