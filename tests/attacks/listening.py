"""An ASGI application that is served on the loop of the test, by the protocol of the server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from uvicorn.config import Config
from uvicorn.server import ServerState

from realtime.transport.uvicorn_http import GuardedHttpProtocol


@asynccontextmanager
async def listening(config: Config) -> AsyncIterator[int]:
    """Serve what a configuration names; the port is given, and every connection is ended afterwards."""
    state = ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: GuardedHttpProtocol(config, state, {}), "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    for connection in list(state.connections):
        connection.transport.abort()
