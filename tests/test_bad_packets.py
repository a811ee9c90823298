"""Packets that no library sends: well-formed ones get a response, malformed ones close their own connection only."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from .cast import Person, person
from .entry_points import ack_code, refusal_of
from .serving import Server, serving
from .socket_client import SocketClient, connected


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Server]:
    async with serving({}) as server:
        yield server


@pytest.fixture(scope="module")
async def bystander(server: Server) -> AsyncIterator[SocketClient]:
    async with connected(server.url, await person("Bob")) as client:
        yield client


@asynccontextmanager
async def raw_socket(server: Server, alice: Person) -> AsyncIterator[ClientConnection]:
    """A websocket that has had its `ready`, for packets that no library would send."""
    url = server.url.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
    async with connect(url) as socket:
        await socket.recv()
        await socket.send("40" + json.dumps({"token": alice.token}))
        assert str(await socket.recv()).startswith("40")
        assert str(await socket.recv()).startswith('42["ready"')
        yield socket


WELL_FORMED = {
    "an unknown event": '["nothing",{}]',
    "an event of Python's": '["__class__",{}]',
    "an event in half a surrogate pair": '["\\ud800",{}]',
    "an event without end": '["' + "e" * 900_000 + '",{}]',
    "a number for an event": "[5,{}]",
    "no argument": '["message"]',
    "two arguments": '["message",{},{}]',
    "an array for an object": '["message",[]]',
    "a text for an object": '["message","x"]',
    "null for an object": '["message",null]',
    "a text of 27,300 commas": '["message",{"groupId":"x","content":"' + "1,2,3\\n" * 13_650 + '"}]',
    "half a surrogate pair": '["message",{"groupId":"x","content":"\\ud83e"}]',
    "half a pair for a word": '["reaction",{"messageId":"x","emoji":"x","action":"\\ud83e"}]',
    "half a pair for a name": '["message",{"\\ud83e":1}]',
    "a number past all": '["thread_read",{"groupId":"x","seq":1e999}]',
    "a long number": '["thread_read",{"groupId":"x","seq":' + "9" * 400 + "}]",
    "a pit": '["message",{"groupId":"x","content":' + "[" * 900 + "]" * 900 + "}]",
    "a pit for a word": '["reaction",{"messageId":"x","emoji":"x","action":' + "[" * 900 + "]" * 900 + "}]",
    "an array for a truth": '["thread_typing",{"groupId":"x","typing":[]}]',
}


@pytest.mark.parametrize("name", WELL_FORMED)
async def test_an_event_with_senseless_data_gets_an_error(server: Server, alice: Person, name: str) -> None:
    async with raw_socket(server, alice) as socket:
        await socket.send("427" + WELL_FORMED[name])
        acknowledged = str(await socket.recv())
        assert acknowledged.startswith("437")
        (ack,) = json.loads(acknowledged.removeprefix("437"))
        assert ack["error"]["code"] == "invalid"
        # Without an acknowledgement to carry it, the error is an event.
        await socket.send("42" + WELL_FORMED[name])
        event, error = json.loads(str(await socket.recv()).removeprefix("42"))
        assert (event, error["code"]) == ("error", "invalid")
        assert isinstance(error["event"], str)


async def test_a_long_text_of_many_commas_gets_its_error_in_the_acknowledgement(server: Server, alice: Person) -> None:
    async with connect(server.url.replace("http", "ws", 1) + "/ws/") as socket:
        await socket.send(json.dumps({"event": "connect", "data": {"token": alice.token}}))
        data = {"groupId": "x", "content": "1,2,3\n" * 13_650}
        await socket.send(json.dumps({"event": "message", "ack": 7, "data": data}))
        async with asyncio.timeout(10):
            while (answer := json.loads(await socket.recv())).get("ack") != 7:
                pass
        assert answer["data"]["error"]["code"] == "invalid"
        assert "content" in answer["data"]["error"]["fields"]


MALFORMED: dict[str, str | bytes] = {
    "nothing": "",
    "no packet": "x",
    "no JSON": "42[",
    "NaN": '42["message",{"content":NaN}]',
    "no array": '42{"a":1}',
    "no event": "42[]",
    "a reserved event": '42["disconnect",{}]',
    "an event that is none": "42[null]",
    "a bottomless pit": "42" + "[" * 100_000,
    "a second connect": "40",
    "an acknowledgement without a number": "43[]",
    "an endless acknowledgement": '42999999999999999999["message",{}]',
    "a packet over the limit": '42["message","' + "x" * 1_000_000 + '"]',
    "bytes": b"\x00\x01",
    "a namespace without end": "40/" + "x" * 100_000 + ",",
    "a namespace that is not connected": '42/other,["message",{}]',
}


@pytest.mark.parametrize("name", MALFORMED)
async def test_a_packet_that_breaks_the_protocol_ends_its_own_connection_alone(
    server: Server, alice: Person, bystander: SocketClient, name: str
) -> None:
    async with raw_socket(server, alice) as socket:
        await socket.send(MALFORMED[name])
        async with asyncio.timeout(10):
            await socket.wait_closed()
        assert socket.close_code in (1002, 1009)
    assert ack_code(await bystander.send("thread_sync", {"groupId": "absent"})) == "not_found"


@pytest.mark.parametrize("namespace", ["/other", "/?token=x", "/other?x", "/" + "x" * 127])
async def test_only_what_is_there_can_be_connected(server: Server, alice: Person, namespace: str) -> None:
    async with raw_socket(server, alice) as socket:
        await socket.send(f"40{namespace},")
        assert await socket.recv() == f'44{namespace},{{"message":"Invalid namespace"}}'
        await socket.send('420["thread_sync",{"groupId":"absent"}]')
        assert "not_found" in str(await socket.recv())


# --- handshakes ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("token", [None, "", 5, {}, [], True, "x", "x.y.z", "\0", "\ud800", "x" * 100_000])
async def test_a_handshake_without_a_good_token_is_refused(server: Server, alice: Person, token: Any) -> None:
    assert await refusal_of(server.url, None, token=token) == "unauthenticated"


@pytest.mark.parametrize("since", [[], "x", 5, {"g": "x"}, {"g": -1}, {"g": 1.5}, {"g": None}, {"\ud800": {}}])
async def test_a_handshake_that_resumes_from_nowhere_is_refused(server: Server, alice: Person, since: Any) -> None:
    assert await refusal_of(server.url, alice, since=since) == "invalid"
