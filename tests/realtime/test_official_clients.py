"""The official clients work unchanged on each transport, with one server and with three without sticky sessions."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from messaging import services
from tests.cast import Person
from tests.socket_client import InThreads, SocketClient, with_asyncio

from .places import PLACES, places
from .stories import TRANSPORTS, results_of, stories

SOCKET_IO = ("socket.io-client", "socket.io-client-4-5", "socket.io-client-4-0", "socket.io-client-3")
STORIES = {
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
async def results(urls: dict[str, str]) -> dict[str, Any]:
    return await results_of(STORIES | REFUSED, urls)


@pytest.mark.parametrize("name", STORIES)
def test_a_javascript_client_completes_its_story(name: str, results: dict[str, Any]) -> None:
    assert "failed" not in results[name], results[name]["failed"]


@pytest.mark.parametrize("name", REFUSED)
def test_a_javascript_client_of_the_last_protocol_is_refused(name: str, results: dict[str, Any]) -> None:
    opens_a_websocket = REFUSED[name]["transports"] == ["websocket"]
    status = "Unexpected server response: 403" if opens_a_websocket else 400
    assert results[name] == {"result": {"type": "TransportError", "status": status}}


@pytest.mark.parametrize("version", ["", "&EIO=3", "&EIO=5", "&EIO=four"])
async def test_another_version_of_the_protocol_is_refused_with_the_code_for_it(url: str, version: str) -> None:
    async with httpx.AsyncClient(base_url=url) as client:
        response = await client.get(f"/socket.io/?transport=polling{version}")
    assert (response.status_code, response.json()) == (400, {"code": 5, "message": "Unsupported protocol version"})


# --- Python ----------------------------------------------------------------------------------------------------------
@pytest.fixture(params=TRANSPORTS)
def transports(request: pytest.FixtureRequest) -> list[str]:
    return TRANSPORTS[request.param]


@pytest.fixture(params=[with_asyncio, InThreads], ids=["asyncio", "threads"])
async def client(transports: list[str], request: pytest.FixtureRequest) -> AsyncIterator[SocketClient]:
    client = SocketClient(request.param, transports)
    yield client
    await client.client.disconnect()


async def test_a_python_client_chats_and_resumes_with_exactly_what_it_missed(
    client: SocketClient, url: str, alice: Person, bob: Person, group_id: str
) -> None:
    async def bob_sends(content: str) -> dict[str, Any]:
        sent = await services.send_message(actor=bob.actor, group_id=group_id, content=content)
        message: dict[str, Any] = sent["message"]
        return message

    async def alice_receives(message: dict[str, Any]) -> None:
        assert await client.wait_for("message", lambda received: received["id"] == message["id"]) == message

    await client.open(url, alice)
    acknowledged = await client.send("message", {"groupId": group_id, "content": "mine", "clientId": "1"})
    await alice_receives(acknowledged["message"])
    from_bob = await bob_sends("from Bob")
    await alice_receives(from_bob)
    await client.client.disconnect()

    client.events.clear()
    missed = [await bob_sends("while away"), await bob_sends("while still away")]
    ready = await client.open(url, alice, since={group_id: from_bob["seq"]})
    assert ready["resumed"] == {group_id: "changes"}
    live = await bob_sends("live again")
    await alice_receives(live)
    assert client.all("message") == [*missed, live]


async def test_a_python_client_gets_its_values_back_bytes_included(
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
