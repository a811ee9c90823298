"""What `realtime/transport/` replaces in its libraries may change with any release, so their versions are fixed.

Each override must still be one, and must still be called: a method that the library renames would stay here, unused.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from importlib.metadata import version
from typing import Any

import httpx
import pytest
import websockets
from channels.consumer import AsyncConsumer
from channels.routing import URLRouter
from django.conf import settings

from examples import echo
from realtime.transport.consumer import LayerlessConsumer
from realtime.transport.direct_socket import DirectSocket
from realtime.transport.routes import Routes
from realtime.transport.uvicorn_http import GuardedHttpProtocol
from realtime.transport.uvicorn_websocket import DirectProtocol
from realtime.transport.websocket_consumer import WebSocketConsumer

from .in_process import listening

pytestmark = pytest.mark.unit

PINNED = ("uvicorn", "websockets", "channels", "channels-redis")
OVERRIDES = {
    GuardedHttpProtocol: {
        *("connection_lost", "connection_made", "data_received", "handle_websocket_upgrade"),
        *("on_body", "on_header", "on_headers_complete", "on_message_begin", "on_url"),
    },
    DirectProtocol: {"__init__", "data_received", "handle_connect", "run_asgi"},
    LayerlessConsumer: {"channel_layer_alias", "dispatch"},
    WebSocketConsumer: {"__call__"},
    Routes: {"__init__", "__call__"},
}
# An attribute; what only a client calls that sends frames too early (`test_detaching`), a body, or leaves later.
NOT_CALLED_HERE = {"channel_layer_alias", "data_received", "on_body", "connection_lost"}
# What is read or set on an object of the library, by the class of ours that does.
USED = {
    GuardedHttpProtocol: (
        "flow cycle transport url headers scope parser connections config server_state app_state ws_protocol_class"
        " send_400_response"
    ),
    DirectProtocol: (
        "logger conn scope request response handshake_initiated handshake_complete stop_keepalive transport connections"
        " writable disconnected queue config app receive send close_timer send_500_response"
    ),
}
PATH = "/engine.io/?EIO=4&transport="


@pytest.mark.parametrize("package", PINNED)
def test_the_exact_version_that_is_tested_is_required(package: str) -> None:
    lines = (settings.BASE_DIR / "requirements.txt").read_text().splitlines()
    assert f"{package}=={version(package)}" in lines


@pytest.mark.parametrize("ours", OVERRIDES, ids=lambda ours: ours.__name__)
def test_what_is_overridden_is_known_and_exists_in_the_library(ours: type) -> None:
    library = next(base for base in ours.__mro__ if not base.__module__.startswith("realtime"))
    inherited = {name for name in vars(ours) if hasattr(library, name)} - {"__module__", "__doc__", "__slots__"}
    assert OVERRIDES[ours] <= inherited
    assert {name for name in inherited if name in vars(library) and not name.startswith("__")} <= OVERRIDES[ours]


# --- each of them is called ------------------------------------------------------------------------------------------
class Calls:
    """Counts the calls of our overrides, and keeps the objects that they were called on."""

    def __init__(self) -> None:
        self.count: Counter[tuple[type, str]] = Counter()
        self.missing: dict[type, set[str]] = {}

    def spy(self, monkeypatch: pytest.MonkeyPatch, ours: type, name: str) -> None:
        method = getattr(ours, name)

        def called(this: Any, *arguments: Any, **options: Any) -> Any:
            self.count[ours, name] += 1
            result = method(this, *arguments, **options)
            # After the handshake was read, all that is used must be there.
            if name in ("handle_websocket_upgrade", "handle_connect"):
                self.missing[ours] = {each for each in USED[ours].split() if not hasattr(this, each)}
            return result

        monkeypatch.setattr(ours, name, called)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    calls = Calls()
    for ours, names in OVERRIDES.items():
        for name in names - NOT_CALLED_HERE:
            calls.spy(monkeypatch, ours, name)
    return calls


@pytest.fixture
async def echoing() -> AsyncIterator[None]:
    yield
    if engine := echo.engine_server.pop():
        await engine.close()


@pytest.mark.usefixtures("echoing")
async def test_a_websocket_and_a_poll_call_every_override(calls: Calls) -> None:
    # Those of the application were made when its module was imported.
    Routes([])
    async with listening(echo.application) as port:
        async with websockets.connect(f"ws://127.0.0.1:{port}{PATH}websocket", ping_interval=None) as socket:
            assert str(await socket.recv()).startswith("0{")
            await socket.send("4ahoy")
            assert await socket.recv() == "4ahoy"
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            assert (await client.get(f"{PATH}polling")).text.startswith("0{")
    expected = {(ours, name) for ours, names in OVERRIDES.items() for name in names - NOT_CALLED_HERE}
    assert calls.count.keys() == expected
    assert calls.missing == {GuardedHttpProtocol: set(), DirectProtocol: set()}


@pytest.mark.usefixtures("echoing")
async def test_the_server_closes_detached_websockets_when_it_shuts_down() -> None:
    async with listening(echo.application) as port:
        socket = await websockets.connect(f"ws://127.0.0.1:{port}{PATH}websocket", ping_interval=None)
        await socket.recv()
    await asyncio.wait_for(socket.wait_closed(), 15)
    assert socket.close_code == 1012
    assert callable(DirectSocket.shutdown)


def test_channels_still_asks_for_what_is_not_overridden() -> None:
    assert AsyncConsumer.channel_layer_alias == "default"
    assert hasattr(URLRouter([]), "routes")
