"""When the process starts and stops: on the lifespan events of ASGI, else at the first request and the last signal."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from foundation.cleansing import cleanse
from health.probes import probes

from . import own_socket
from .process import startup, stop

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
# Any, because libraries differ in how they type ASGI.
Application = Callable[[Any, Any, Any], Awaitable[None]]

logger = logging.getLogger(__name__)


async def lifespan(scope: Message, receive: Receive, send: Send) -> None:
    """Start before the first request, and stop after the last one."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            probes().connect = own_socket.of_server(receive)
            try:
                await startup().run()
            # Servers take an exception here for an application without lifespan events, and start anyway.
            except Exception as error:
                expected = isinstance(error, ImproperlyConfigured)
                if not expected:
                    logger.exception("the server cannot start")
                reason = str(error) if expected else f"it cannot start ({type(error).__name__})"
                await send({"type": "lifespan.startup.failed", "message": cleanse(reason)})
                return
        else:
            await stop()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


class StartedFirst:
    """ASGI middleware that starts the process at its first request, on servers without lifespan events (daphne)."""

    def __init__(self, app: Application) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        # No server says when it stops, so what was started here is stopped by the signal.
        await startup().run(on_drained=stop)
        if (own := probes()).connect is None:
            own.connect = own_socket.of_request(scope)
        await self.app(scope, receive, send)
