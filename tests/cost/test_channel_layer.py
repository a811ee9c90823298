"""No consumer asks the channel layer for anything: neither a websocket that opens, nor a poll, has a channel."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from channels.layers import DEFAULT_CHANNEL_LAYER, channel_layers, get_channel_layer
from channels.testing import WebsocketCommunicator

from examples.echo import echo_settings, socketio_handler
from foundation.errors import Invalid
from realtime.consumer import EventConsumer
from realtime.engineio.polling import PollingConsumer
from realtime.engineio.server import Server
from realtime.engineio.websocket_consumer import EngineIOWebSocketConsumer

pytestmark = pytest.mark.unit

ACCEPTED = (True, None)


class CountingLayer:
    """Records the name of everything that it is asked for."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        self.calls.append(name)
        raise AttributeError(name)


@pytest.fixture
def layer() -> Iterator[CountingLayer]:
    layer = CountingLayer()
    before = channel_layers.set(DEFAULT_CHANNEL_LAYER, layer)
    assert get_channel_layer() is layer
    yield layer
    if before is None:
        del channel_layers.backends[DEFAULT_CHANNEL_LAYER]
    else:
        channel_layers.set(DEFAULT_CHANNEL_LAYER, before)


async def test_a_json_socket_that_connects_makes_no_call(layer: CountingLayer) -> None:
    client = WebsocketCommunicator(EventConsumer.as_asgi(), "/ws/")
    assert await client.connect() == ACCEPTED
    await client.send_json_to({"event": "connect"})
    await client.send_json_to({"event": "anything", "ack": 1, "data": {}})
    assert (await client.receive_json_from())["data"]["error"]["code"] == Invalid.code
    await client.disconnect()
    assert layer.calls == []


async def test_polls_and_a_websocket_of_engine_io_make_no_call(layer: CountingLayer) -> None:
    server = Server(echo_settings(), socketio_handler, redis_url="", namespace="test")
    path = "/socket.io/?EIO=4&transport="
    transport = httpx.ASGITransport(PollingConsumer.as_asgi(get_server=lambda: server))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        sid = json.loads((await client.get(f"{path}polling")).text[1:])["sid"]
        assert (await client.post(f"{path}polling&sid={sid}", content="40")).text == "ok"
        assert (await client.get(f"{path}polling&sid={sid}")).text.startswith("40{")
    websocket = WebsocketCommunicator(EngineIOWebSocketConsumer.as_asgi(get_server=lambda: server), f"{path}websocket")
    assert await websocket.connect() == ACCEPTED
    assert (await websocket.receive_from()).startswith("0{")
    await websocket.disconnect()
    await server.close()
    assert layer.calls == []
