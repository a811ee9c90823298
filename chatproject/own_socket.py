"""Sockets on which this very process serves: of several that listen on one port, a caller reaches any."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from uvicorn import Config
from uvicorn.server import ServerState

Connect = Callable[[], Awaitable[socket.socket]]


def of_server(receive: object) -> Connect | None:
    """Return what connects to uvicorn in this process; `receive` is that of its lifespan. None on other servers."""
    config = getattr(getattr(receive, "__self__", None), "config", None)
    return partial(_connect_pair, config) if isinstance(config, Config) else None


def of_request(scope: Mapping[str, Any]) -> Connect | None:
    """Return what connects to the address that a request came to: that of a server which is one process alone."""
    host, port = scope.get("server") or (None, None)
    return partial(_connect_to, host, port) if host and port and scope.get("scheme") == "http" else None


async def _connect_pair(config: Config) -> socket.socket:
    """Return one of two connected sockets; uvicorn serves the other as it serves those that it accepts."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.setblocking(False)

    def make_protocol() -> asyncio.Protocol:
        protocol: Callable[..., asyncio.Protocol] = config.http_protocol_class
        return protocol(config=config, server_state=ServerState(), app_state={})

    try:
        await asyncio.get_running_loop().connect_accepted_socket(make_protocol, theirs)
    except BaseException:
        ours.close()
        theirs.close()
        raise
    return ours


async def _connect_to(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    ours = socket.socket(family, socket.SOCK_STREAM)
    ours.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(ours, (host, port))
    except BaseException:
        ours.close()
        raise
    return ours
