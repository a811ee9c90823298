"""A small application on the same transport as the chat, for conformance suites and our own tests.

`/engine.io/` echoes each message as it came. `/socket.io/` has the namespaces `/` and `/custom`: after the CONNECT
reply it emits `auth` with what the client connected with; `message` comes back as `message-back`, and
`message-with-ack` is acknowledged, with the same arguments. `leave` makes the server close, after a `message-back`.
"""

import argparse
import asyncio
import contextlib
import json
import os
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from channels.routing import ProtocolTypeRouter
from django.conf import settings
from django.urls import path

from foundation.per_loop import PerLoop
from realtime.application import Acknowledge, Handshake
from realtime.consumer import EventConsumer
from realtime.engineio.contract import SessionChannel, SessionHandler, Settings
from realtime.engineio.polling import PollingConsumer
from realtime.engineio.server import Server
from realtime.engineio.websocket_consumer import EngineIOWebSocketConsumer
from realtime.socketio.connection import SocketIOConnection, emit
from realtime.transport.encoded import Encoded, RawPacket
from realtime.transport.routes import Routes

if not settings.configured:
    settings.configure(ALLOWED_ORIGINS=["*"], SECRET_KEY="echo", DATABASES={})  # noqa: S106 - nothing is signed

# The conformance suite waits for one frame at a time, and misses one that arrives in one piece with the last.
_GREETING_DELAY = 0.01


class EngineEcho:
    """Sends each Engine.IO message back as it came (`realtime.engineio.contract.SessionHandler`)."""

    def on_open(self, session: SessionChannel) -> None:
        # Nobody signs in.
        session.lift_limits()

    async def on_message(self, session: SessionChannel, data: RawPacket) -> None:
        session.send(Encoded([f"4{data}"]) if isinstance(data, str) else Encoded([data], binary=True))

    async def on_close(self, session: SessionChannel, reason: str) -> None:
        pass


class SocketEcho(EventConsumer):
    """Echoes Socket.IO events, each with any number of arguments; declares none."""

    def __init__(self, namespace: str) -> None:
        super().__init__()
        self.namespace = namespace

    async def connect(self, handshake: Handshake) -> None:
        self.accept()
        await asyncio.sleep(_GREETING_DELAY)
        emit(self.connection, self.namespace, "auth", dict(handshake.auth))

    async def receive_event(self, event: Any, arguments: list[Any], acknowledge: Acknowledge | None) -> None:
        if event in ("message", "leave"):
            emit(self.connection, self.namespace, "message-back", *arguments)
        if event == "leave":
            self.connection.end(1000, "the client asked for it")
        if event == "message-with-ack" and acknowledge:
            acknowledge(arguments)


def echo_settings() -> Settings:
    def number(name: str, default: float) -> float:
        return float(os.environ.get(f"ECHO_{name}", default))

    return Settings(
        ping_interval=number("PING_INTERVAL", 25_000) / 1000,
        ping_timeout=number("PING_TIMEOUT", 20_000) / 1000,
        connect_timeout=number("CONNECT_TIMEOUT", 45_000) / 1000,
        upgrade_timeout=10.0,
        max_payload=int(number("MAX_PAYLOAD", 1_000_000)),
    )


def engine_handler(credentials: Mapping[str, str]) -> SessionHandler:
    return EngineEcho()


def socketio_handler(credentials: Mapping[str, str]) -> SessionHandler:
    return SocketIOConnection({name: partial(SocketEcho, name) for name in ("/", "/custom")}, credentials)


def _server(make_handler: Any, name: str) -> PerLoop[Server]:
    url = os.environ.get("ECHO_REDIS_URL", "")
    # Workers of one server find each other by it, and no others.
    group = os.environ.get("ECHO_GROUP", "echo")
    return PerLoop(lambda: Server(echo_settings(), make_handler, redis_url=url, namespace=f"{group}:{name}"))


engine_server = _server(engine_handler, "engine")
socket_server = _server(socketio_handler, "socket")
_servers = {"/engine.io/": engine_server, "/socket.io/": socket_server}


async def _lifespan(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    for _ in ("startup", "shutdown"):
        message = await receive()
        await send({"type": f"{message['type']}.complete"})


def _routes(consumer: Any) -> list[Any]:
    return [path(name[1:], consumer.as_asgi(get_server=server)) for name, server in _servers.items()]


application = ProtocolTypeRouter(
    {
        "http": Routes(_routes(PollingConsumer)),
        "websocket": Routes(_routes(EngineIOWebSocketConsumer)),
        "lifespan": _lifespan,
    }
)


def _redis_url() -> str:
    """From the environment, else that of the local engine which `bin/run` keeps running."""
    if url := os.environ.get("REDIS_URL"):
        return url
    with contextlib.suppress(OSError, ValueError, KeyError):
        return str(json.loads(Path(".engines/addresses.json").read_text())["REDIS_URL"])
    return ""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m examples.echo", description=__doc__)
    parser.add_argument("--port", type=int, default=3001)
    parser.add_argument("--workers", type=int, default=1, help="more than one needs REDIS_URL")
    parser.add_argument("--group", help="servers of one group serve each other's sessions; needs REDIS_URL")
    parser.add_argument("--ping-interval", type=int, default=25_000, help="milliseconds")
    parser.add_argument("--ping-timeout", type=int, default=20_000, help="milliseconds")
    parser.add_argument("--connect-timeout", type=int, default=45_000, help="milliseconds")
    parser.add_argument("--max-payload", type=int, default=1_000_000, help="bytes")
    options = vars(parser.parse_args())
    port, workers, group = options.pop("port"), options.pop("workers"), options.pop("group")
    several = workers > 1 or group
    redis_url = _redis_url() if several else ""
    if several and not redis_url:
        parser.error("several processes reach each other's sessions over Redis: set REDIS_URL, or start bin/run")
    # The workers are processes of their own: they read it from the environment.
    os.environ.update({f"ECHO_{name.upper()}": str(value) for name, value in options.items()})
    os.environ["ECHO_REDIS_URL"] = redis_url
    os.environ["ECHO_GROUP"] = group or f"echo-{port}-{os.getpid()}"
    uvicorn.run(
        "examples.echo:application",
        port=port,
        workers=workers,
        http="realtime.transport.uvicorn_http:GuardedHttpProtocol",
        ws="realtime.transport.uvicorn_websocket:DirectProtocol",
        ws_ping_interval=None,
        ws_per_message_deflate=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
