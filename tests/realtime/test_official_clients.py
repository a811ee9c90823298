"""The official clients work unchanged by any transport, on one server and on three without stickiness."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from messaging import services
from tests.cast import Person
from tests.socket_client import InThreads, SocketClient, with_asyncio

from .places import PLACES, places
from .stories import TRANSPORTS, ends_of, stories

pytestmark = pytest.mark.xdist_group("official_clients")

SOCKET_IO = ("socket.io-client", "socket.io-client-4-5", "socket.io-client-4-0", "socket.io-client-3")
LIVED = {
    **stories("chat", SOCKET_IO, PLACES),
    **stories("echo", SOCKET_IO, PLACES),
    **stories("engine", ["engine.io-client"], PLACES),
}
REFUSED = stories("refused", ["socket.io-client-2"], PLACES)


@pytest.fixture(scope="module")
async def urls() -> AsyncIterator[dict[str, str]]:
    async with places() as urls:
        yield urls


@pytest.fixture(params=PLACES)
def url(urls: dict[str, str], request: pytest.FixtureRequest) -> str:
    return urls[request.param]


# --- JavaScript ------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
async def ends(urls: dict[str, str]) -> dict[str, Any]:
    return await ends_of(LIVED | REFUSED, urls)


@pytest.mark.parametrize("name", LIVED)
def test_a_javascript_client_lives_to_the_end_of_its_story(name: str, ends: dict[str, Any]) -> None:
    assert "failed" not in ends[name], ends[name]["failed"]


@pytest.mark.parametrize("name", REFUSED)
def test_a_javascript_client_of_the_protocol_before_is_refused(name: str, ends: dict[str, Any]) -> None:
    begins_with_a_websocket = REFUSED[name]["transports"] == ["websocket"]
    status = "Unexpected server response: 403" if begins_with_a_websocket else 400
    assert ends[name] == {"told": {"type": "TransportError", "status": status}}


@pytest.mark.parametrize("version", ["", "&EIO=3", "&EIO=5", "&EIO=four"])
async def test_another_version_of_the_protocol_is_refused_with_its_code(url: str, version: str) -> None:
    async with httpx.AsyncClient(base_url=url) as client:
        answer = await client.get(f"/socket.io/?transport=polling{version}")
    assert (answer.status_code, answer.json()) == (400, {"code": 5, "message": "Unsupported protocol version"})


# --- Python ----------------------------------------------------------------------------------------------------------
@pytest.fixture(params=TRANSPORTS)
def transports(request: pytest.FixtureRequest) -> list[str]:
    return TRANSPORTS[request.param]


@pytest.fixture(params=[with_asyncio, InThreads], ids=["asyncio", "threads"])
async def client(transports: list[str], request: pytest.FixtureRequest) -> AsyncIterator[SocketClient]:
    client = SocketClient(request.param, transports)
    yield client
    await client.client.disconnect()


async def test_a_python_client_chats_and_comes_back_to_exactly_what_it_missed(
    client: SocketClient, url: str, alice: Person, bob: Person, group_id: str
) -> None:
    async def bob_says(content: str) -> dict[str, Any]:
        sent = await services.send_message(actor=bob.actor, group_id=group_id, content=content)
        message: dict[str, Any] = sent["message"]
        return message

    async def alice_hears(message: dict[str, Any]) -> None:
        assert await client.wait_for("message", lambda heard: heard["id"] == message["id"]) == message

    await client.open(url, alice)
    answer = await client.send("message", {"groupId": group_id, "content": "mine", "clientId": "1"})
    await alice_hears(answer["message"])
    theirs = await bob_says("theirs")
    await alice_hears(theirs)
    await client.client.disconnect()

    client.events.clear()
    missed = [await bob_says("while away"), await bob_says("while still away")]
    ready = await client.open(url, alice, since={group_id: theirs["seq"]})
    assert ready["resumed"] == {group_id: "changes"}
    live = await bob_says("live again")
    await alice_hears(live)
    assert client.all("message") == [*missed, live]


async def test_a_python_client_gets_back_what_it_sent_bytes_included(
    client: SocketClient, url: str, transports: list[str]
) -> None:
    namespaces = ("/", "/custom")
    await client.connect(url, {"who": "python"}, namespaces=namespaces, socketio_path="/echo/socket.io/")
    assert await client.wait_for("auth") == {"who": "python"}
    assert client.client.transport() == transports[-1]
    values = ["é 🎉 \u2028", {"deep": [b"\0\1\xff", {"empty": b""}]}, b"x" * 200_000, *range(50)]
    for value in values:
        await client.client.emit("message", value)
    for namespace in namespaces:
        for value in values[:3]:
            assert await client.client.call("message-with-ack", value, namespace=namespace) == value
    await client.wait_until(lambda: len(client.all("message-back")) == len(values))
    assert client.all("message-back") == values
