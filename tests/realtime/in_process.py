"""uvicorn with our protocols in the test's own process, so that a test can look inside."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from uvicorn import Config
from uvicorn.server import ServerState

from realtime.transport.uvicorn_http import GuardedHttpProtocol
from realtime.transport.uvicorn_websocket import DirectProtocol


@asynccontextmanager
async def listening(application: Any) -> AsyncIterator[int]:
    """Serve an ASGI application; yields the port."""
    config = Config(application, http=GuardedHttpProtocol, ws=DirectProtocol, log_level="warning")
    config.load()
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(
        lambda: GuardedHttpProtocol(config=config, server_state=state, app_state={}), "127.0.0.1"
    )
    try:
        port: int = server.sockets[0].getsockname()[1]
        yield port
    finally:
        for connection in list(state.connections):
            connection.shutdown()
        server.close()
