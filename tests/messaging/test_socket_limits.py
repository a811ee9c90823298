"""What clients do over sockets is limited too: their events, and how many connections they have open."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from tests.cast import Person, person
from tests.entry_points import ack_code, http_entry_point, page_entry_point, refusal_of
from tests.serving import Server, daphne, serving, uvicorn, uvicorn_over_asgi
from tests.socket_client import connected
from tests.wire_client import TRANSPORTS, connected_by

EVENTS = ("thread_sync", "thread_read", "thread_typing", "presence", "authenticate")
ONE_EACH = "off," + ",".join(f"{event}=1/1000s" for event in EVENTS)
BOUND = 3


@pytest.fixture(scope="module")
async def strict() -> AsyncIterator[Server]:
    async with serving({"RATE_LIMITS": ONE_EACH}) as server:
        yield server


@pytest.fixture(scope="module", params=[uvicorn, uvicorn_over_asgi, daphne], ids=["direct", "asgi", "daphne"])
async def bounded(request: pytest.FixtureRequest) -> AsyncIterator[Server]:
    bounds = {"MAX_CONNECTIONS_PER_USER": str(BOUND), "MAX_ANONYMOUS_CONNECTIONS": str(BOUND)}
    async with serving(bounds, server=request.param) as server:
        yield server


# --- events ----------------------------------------------------------------------------------------------------------
def data_of(event: str, person: Person, group_id: str) -> dict[str, Any]:
    data: dict[str, dict[str, Any]] = {
        "thread_sync": {"groupId": group_id},
        "thread_read": {"groupId": group_id, "seq": 1},
        "thread_typing": {"groupId": group_id, "typing": True},
        "presence": {"status": "away"},
        "authenticate": {"token": person.token},
    }
    return data[event]


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("event", EVENTS)
async def test_each_event_has_a_budget_of_the_user(
    strict: Server, bob: Person, group_id: str, event: str, transport: str
) -> None:
    async with (
        connected_by(transport, strict.url, bob) as client,
        connected_by(transport, strict.url, bob) as second,
    ):
        data = data_of(event, bob, group_id)
        assert ack_code(await client.send(event, data)) == "ok"
        # A second connection is no second budget.
        for each in (client, second):
            refused = await each.send(event, data)
            assert ack_code(refused) == "rate_limited"
            assert 900 < refused["error"]["retryAfter"] <= 1000
        others = next(name for name in EVENTS if name != event)
        assert ack_code(await client.send(others, data_of(others, bob, group_id))) == "ok"


async def test_marking_read_has_one_budget_for_all_entry_points(strict: Server, bob: Person, group_id: str) -> None:
    data = {"groupId": group_id, "seq": 1}
    async with (
        connected(strict.url, bob) as socket,
        http_entry_point(strict.url, bob) as http,
        page_entry_point(strict.url, bob, group_id) as page,
    ):
        assert ack_code(await socket.send("thread_read", data)) == "ok"
        assert await http.attempt("mark_read", data) == "rate_limited"
        assert page.matches(await page.attempt("mark_read", data), "rate_limited")


async def test_a_flood_of_thread_sync_is_refused_by_default(alice: Person, group_id: str) -> None:
    async with serving({"RATE_LIMITS": ""}) as server, connected(server.url, alice) as client:
        acks = await asyncio.gather(*(client.send("thread_sync", {"groupId": group_id}) for _ in range(100)))
        codes = [ack_code(ack) for ack in acks]
        assert codes[:60] == ["ok"] * 60
        assert "rate_limited" in codes
        # The connection stays, and messages have a budget of their own.
        assert (await client.send("message", {"groupId": group_id, "content": "still here"}))["ok"]


# --- connections of a user -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_user_has_only_so_many_connections(bounded: Server, transport: str) -> None:
    alice, bob = await person("Alice"), await person("Bob")
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(connected_by(transport, bounded.url, alice)) for _ in range(BOUND)]
        assert await refusal_of(bounded.url, alice) == "rate_limited"
        async with connected(bounded.url, bob):
            pass
        await opened[0].wire.close()
        await _until_connected(bounded.url, alice)


async def _until_connected(url: str, person: Person) -> None:
    """Connect once the server has noticed that another connection was closed."""
    async with asyncio.timeout(20):
        while True:
            try:
                async with connected(url, person):
                    return
            except Exception:
                await asyncio.sleep(0.05)


async def test_120_sockets_of_one_user_are_not_all_let_in(alice: Person) -> None:
    async with serving({"RATE_LIMITS": ""}) as server, AsyncExitStack() as stack:
        for _ in range(50):
            await stack.enter_async_context(connected_by("ws", server.url, alice))
        for _ in range(70):
            assert await refusal_of(server.url, alice) == "rate_limited"


# --- connections before they sign in ---------------------------------------------------------------------------------
def websocket(server: Server, path: str) -> connect:
    return connect(f"{server.url.replace('http', 'ws', 1)}{path}", open_timeout=20)


SOCKETS = {"json": "/ws/", "socket.io": "/socket.io/?EIO=4&transport=websocket"}


@pytest.mark.parametrize("path", SOCKETS.values(), ids=SOCKETS)
async def test_an_address_has_only_so_many_connections_that_have_not_signed_in(bounded: Server, path: str) -> None:
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(websocket(bounded, path)) for _ in range(BOUND)]
        await _is_refused_everywhere(bounded)
        await opened[0].close()
        await _until_accepted(stack, bounded, path)


async def _is_refused_everywhere(server: Server) -> None:
    for path in SOCKETS.values():
        with pytest.raises(InvalidStatus) as refused:
            await websocket(server, path)
        status, headers = refused.value.response.status_code, refused.value.response.headers
        # daphne has no other refusal than 403.
        assert (status, headers.get("Retry-After")) in ((429, "5"), (403, None))
    async with httpx.AsyncClient(base_url=server.url) as client:
        response = await client.get("/socket.io/?EIO=4&transport=polling")
        assert (response.status_code, response.headers["retry-after"]) == (429, "5")
        assert response.json()["error"]["code"] == "rate_limited"


async def _until_accepted(stack: AsyncExitStack, server: Server, path: str) -> ClientConnection:
    async with asyncio.timeout(20):
        while True:
            try:
                return await stack.enter_async_context(websocket(server, path))
            except InvalidStatus:
                await asyncio.sleep(0.05)


async def test_polling_sessions_count_as_well(bounded: Server) -> None:
    async with httpx.AsyncClient(base_url=bounded.url) as client:
        sids = []
        for _ in range(BOUND):
            opened = await client.get("/socket.io/?EIO=4&transport=polling")
            sids.append(json.loads(opened.text[1:])["sid"])
        await _is_refused_everywhere(bounded)
        for sid in sids:
            await client.post(f"/socket.io/?EIO=4&transport=polling&sid={sid}", content="1")


async def test_signing_in_makes_room_for_others(bounded: Server) -> None:
    people = [await person(f"Member {n}") for n in range(2 * BOUND)]
    async with AsyncExitStack() as stack:
        for each in people:
            await stack.enter_async_context(connected(bounded.url, each))


async def test_failed_attempts_over_sockets_count_for_the_address(alice: Person) -> None:
    forged = f"{alice.token[:-6]}AAAAAA"
    async with serving({"RATE_LIMITS": "off,failed_sign_in=2/d"}) as server:
        codes = [await refusal_of(server.url, None, token=forged) for _ in range(4)]
        assert codes == ["unauthenticated", "unauthenticated", "rate_limited", "rate_limited"]
        async with connected(server.url, alice):
            pass
