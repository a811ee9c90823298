"""The chat's consumer as Channels runs it, and what a client may call on it: its declared events, and nothing else."""

import asyncio
import inspect
from collections.abc import AsyncIterator
from typing import Any

import pytest
from channels.consumer import AsyncConsumer
from channels.testing import WebsocketCommunicator

from messaging.connection_serializers import PresenceInput
from messaging.consumers import ChatConsumer
from messaging.session_expiry import close_revoked_sessions
from realtime.client_event import event
from realtime.consumer import EventConsumer
from realtime.hub.connection import Connection
from realtime.hub.hub import get_hub
from realtime.jsonsocket.connection import ENCODER
from tests.cast import Person
from tests.recording_channel import RecordingChannel
from tests.serving import Server, serving
from tests.wire_client import TRANSPORTS, connected_by
from users.revoked import revoked_sessions

TIMEOUT = 15
ACCEPTED = (True, None)


def open_websocket(headers: dict[str, str] | None = None) -> WebsocketCommunicator:
    encoded = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    return WebsocketCommunicator(ChatConsumer.as_asgi(), "/ws/", headers=encoded)


async def until(client: WebsocketCommunicator, is_it: Any) -> Any:
    while not is_it(frame := await client.receive_json_from(TIMEOUT)):
        pass
    return frame


def is_connected(user_id: str) -> bool:
    return any(connection.user_id == user_id for connection in get_hub().connections())


async def test_a_whole_conversation_over_a_websocket_of_channels(alice: Person, group_id: str) -> None:
    client = open_websocket()
    assert await client.connect(TIMEOUT) == ACCEPTED
    await client.send_json_to({"event": "connect", "data": {"token": alice.token}})
    ready = await until(client, lambda frame: frame.get("event") == "ready")
    assert [group["id"] for group in ready["data"]["groups"]] == [group_id]
    await client.send_json_to({"event": "message", "data": {"groupId": group_id, "content": "ahoy"}, "ack": 1})
    acknowledged = await until(client, lambda frame: frame.get("ack") == 1)
    assert (acknowledged["data"]["ok"], acknowledged["data"]["message"]["content"]) == (True, "ahoy")
    assert is_connected(alice.id)
    await client.disconnect(timeout=TIMEOUT)
    # The end of the websocket starts a task that takes the connection out of the hub.
    await asyncio.sleep(0)
    assert not is_connected(alice.id)


async def test_a_session_that_is_revoked_closes_a_websocket_of_channels(alice: Person, group_id: str) -> None:
    close_revoked_sessions()
    client = open_websocket(alice.headers)
    assert await client.connect(TIMEOUT) == ACCEPTED
    await client.send_json_to({"event": "connect"})
    await until(client, lambda frame: frame.get("event") == "ready")
    await revoked_sessions().revoke(alice.actor.session_id, alice.actor.expires_at)
    await until(client, lambda frame: frame.get("event") == "error")
    assert (await client.receive_output(TIMEOUT))["code"] == 4001
    await client.disconnect(timeout=TIMEOUT)


async def test_a_refused_token_closes_a_websocket_of_channels() -> None:
    client = open_websocket()
    assert await client.connect(TIMEOUT) == ACCEPTED
    await client.send_json_to({"event": "connect", "data": {"token": "nonsense"}})
    assert (await client.receive_json_from(TIMEOUT))["data"]["code"] == "unauthenticated"
    assert (await client.receive_output(TIMEOUT))["code"] == 4001
    await client.disconnect(timeout=TIMEOUT)


async def test_a_page_of_another_site_is_refused() -> None:
    accepted, _ = await open_websocket({"origin": "https://evil.example"}).connect(TIMEOUT)
    assert not accepted


# --- what a client may call ------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Server]:
    async with serving({}) as server:
        yield server


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_no_name_but_that_of_a_declared_event_calls_anything(
    server: Server, alice: Person, transport: str
) -> None:
    # Both protocols have these of their own.
    names = [name for name in dir(ChatConsumer) if name not in ("connect", "disconnect")]
    assert {"dispatch", "send", "websocket_disconnect", "__init__", "accept", "actor"} <= set(names)
    async with connected_by(transport, server.url, alice) as client:
        for name in names:
            answer = await client.send(name, {})
            assert (answer["ok"], answer["error"]["code"]) == (False, "invalid"), name
            assert ("no such event" in answer["error"]["message"]) == (name not in ChatConsumer.events), name
        # None of them has closed the connection.
        assert (await client.send("presence", {"status": "online"})) == {"ok": True}


@pytest.mark.parametrize("name", ["connect", "disconnect", "dispatch", "__call__", "constructor"])
async def test_a_consumer_has_no_event_by_the_name_of_a_method(name: str) -> None:
    consumer, acknowledged = ChatConsumer(), list[Any]()
    consumer.open(Connection(encoder=ENCODER, channel=RecordingChannel()), lambda: None)
    await consumer.receive_event(name, [{}], acknowledged.append)
    assert acknowledged[0][0]["error"]["code"] == "invalid"


# --- what a developer may declare ------------------------------------------------------------------------------------
def test_every_event_of_the_chat_is_a_method_with_an_input_serializer() -> None:
    assert ChatConsumer.events
    for name, declared in ChatConsumer.events.items():
        assert inspect.iscoroutinefunction(getattr(ChatConsumer, name))
        assert declared.name == name
        assert declared.input().get_fields() is not None


def test_a_subclass_has_the_events_of_its_base_and_its_own() -> None:
    class More(ChatConsumer):
        @event(PresenceInput)
        async def wave(self, status: str) -> None: ...

    assert More.events.keys() == {*ChatConsumer.events, "wave"}
    assert "wave" not in ChatConsumer.events


def test_an_event_cannot_take_the_name_of_a_method_that_channels_calls() -> None:
    with pytest.raises(TypeError, match="dispatch"):

        class Wrong(EventConsumer):
            @event(PresenceInput)
            async def dispatch(self, status: str) -> None: ...  # type: ignore[override] # the mistake


def test_it_is_a_consumer_of_channels_without_a_channel_of_its_own() -> None:
    assert issubclass(ChatConsumer, AsyncConsumer)
    assert ChatConsumer.channel_layer_alias is None
