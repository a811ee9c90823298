"""Daphne, which `manage.py runserver` uses, serves all of it too: the sockets, and what a process starts and stops."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.cast import Person
from tests.serving import Server, daphne, serving
from tests.socket_client import connected
from tests.wire_client import TRANSPORTS, connected_by
from users.revoked import revoked_sessions

from .stories import results_of, stories

# The echo stories send an empty attachment too: Daphne does not send an empty binary frame.
STORIES = {
    **stories("chat", ["socket.io-client"], ["daphne"]),
    **stories("echo", ["socket.io-client"], ["daphne"]),
    **stories("engine", ["engine.io-client"], ["daphne"]),
}


@pytest.fixture(scope="module")
async def results() -> AsyncIterator[dict[str, Any]]:
    async with serving({}, application="tests.realtime.chat_and_echo:application", server=daphne) as server:
        yield await results_of(STORIES, {"daphne": server.url})


@pytest.mark.parametrize("name", STORIES)
def test_a_javascript_client_completes_its_story(name: str, results: dict[str, Any]) -> None:
    assert "failed" not in results[name], results[name]["failed"]


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving({}, server=daphne) as server:
        yield server


async def test_a_session_that_ends_in_another_process_closes_its_socket(server: Server, alice: Person) -> None:
    async with connected(server.url, alice) as client:
        await revoked_sessions().revoke(alice.actor.session_id, alice.actor.expires_at)
        assert (await client.wait_for("error"))["code"] == "token_expired"
        await client.wait_for("disconnect")


async def test_clients_learn_when_to_reconnect_before_it_ends(server: Server, alice: Person) -> None:
    async with connected(server.url, alice) as client:
        server.process.terminate()
        assert (await client.wait_for("drain"))["retryAfter"] > 0
        await client.wait_for("disconnect")
    assert await asyncio.to_thread(server.process.wait, 15) in (0, None)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_message_is_acknowledged_and_delivered(
    server: Server, alice: Person, bob: Person, group_id: str, transport: str
) -> None:
    async with (
        connected_by(transport, server.url, alice) as sender,
        connected_by(transport, server.url, bob) as reader,
    ):
        assert (await sender.send("message", {"groupId": group_id, "content": "ahoy"}))["ok"]
        assert (await reader.wait_for("message"))["content"] == "ahoy"
