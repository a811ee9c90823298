"""A server that shuts down releases clients that poll, and is not held up by them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial

import httpx
import psutil
import socketio

from bench.chaos.proxy import proxy_to
from messaging import services
from tests.cast import Person
from tests.serving import Server, serving, uvicorn
from tests.socket_client import TIMEOUT, InThreads, SocketClient, connected

from .node import script

POLLING = "/socket.io/?EIO=4&transport=polling"
JAVASCRIPT = ("socket.io-client", "socket.io-client-4-0", "socket.io-client-3")


def slow_to_stop(application: str, port: int) -> list[str]:
    """The command of a server that waits for requests far longer than a test does."""
    return [*uvicorn(application, port), "--timeout-graceful-shutdown", "100", "--loop", "uvloop"]


async def has_ended(server: Server) -> None:
    async with asyncio.timeout(TIMEOUT):
        # It is gone once it was waited for, a zombie until then.
        with suppress(psutil.NoSuchProcess):
            while server.process.status() != psutil.STATUS_ZOMBIE:  # noqa: ASYNC110
                await asyncio.sleep(0.02)


@asynccontextmanager
async def browser(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.url, timeout=TIMEOUT) as client:
        yield client


async def open_session(client: httpx.AsyncClient, who: Person) -> str:
    """Open a session, and return its polling path once its first events have come."""
    sid = json.loads((await client.get(POLLING)).text[1:])["sid"]
    poll = f"{POLLING}&sid={sid}"
    assert (await client.post(poll, content=f"40{json.dumps({'token': who.token})}")).text == "ok"
    while '["presence_update",' not in (await client.get(poll)).text:
        pass
    return poll


async def test_a_waiting_get_gets_drain_and_the_next_one_is_refused(alice: Person, group_id: str) -> None:
    async with serving({}, server=slow_to_stop) as server, browser(server) as client:
        poll = await open_session(client, alice)
        waiting = asyncio.create_task(client.get(poll))
        await until_requests_arrived(server)
        server.process.terminate()
        response = await waiting
        assert response.status_code == 200
        assert '42["drain",{"retryAfter":' in response.text
        # No CLOSE packet: some clients do not come back after one.
        ended = await client.get(poll)
        assert (ended.status_code, ended.json()["message"]) == (400, "Session ID unknown")
        await has_ended(server)


async def until_requests_arrived(server: Server) -> None:
    """Return when earlier requests have arrived: the server responds to later ones after that."""
    async with browser(server) as other:
        for _ in range(3):
            await other.get("/api/health/live")


async def test_a_get_of_a_session_elsewhere_is_released_and_the_session_goes_on(
    alice: Person, bob: Person, group_id: str
) -> None:
    async with (
        serving({}) as owner,
        serving({}, server=slow_to_stop) as relay,
        browser(owner) as at_owner,
        browser(relay) as at_relay,
    ):
        poll = await open_session(at_owner, alice)
        waiting = asyncio.create_task(at_relay.get(poll))
        await until_requests_arrived(relay)
        relay.process.terminate()
        response = await waiting
        assert (response.status_code, response.text) == (200, "6")
        await has_ended(relay)
        await services.send_message(actor=bob.actor, group_id=group_id, content="goes on")
        while "goes on" not in (response := await at_owner.get(poll)).text:
            assert response.status_code == 200


def has_reconnected(client: SocketClient) -> bool:
    return len(client.all("ready")) == 2


async def test_polling_official_clients_reconnect_after_a_shutdown(alice: Person, bob: Person, group_id: str) -> None:
    async with (
        serving({}, server=slow_to_stop) as first,
        serving({}) as second,
        proxy_to(first.url) as proxy,
        connected(second.url, bob) as watcher,
        script("official_clients.mjs") as node,
        AsyncExitStack() as stack,
    ):
        story = {
            "story": "left",
            "url": proxy.url,
            "transports": ["polling"],
            "groupId": group_id,
            "alice": alice.token,
        }
        running = asyncio.create_task(node.ask([{**story, "name": name, "library": name} for name in JAVASCRIPT]))
        makers = partial(socketio.AsyncClient, reconnection=True), partial(InThreads, reconnection=True)
        clients = [SocketClient(maker, ["polling"]) for maker in makers]
        for client in clients:
            stack.push_async_callback(client.client.disconnect)
            await client.open(proxy.url, alice)
        await watcher.wait_until(lambda: {m["content"] for m in watcher.all("message")} >= set(JAVASCRIPT))
        proxy.redirect_to(second.url)
        first.process.terminate()
        for client in clients:
            assert (await client.wait_for("drain"))["retryAfter"] > 0
            await client.wait_until(partial(has_reconnected, client))
        results = await running
        assert all(results[name].get("result", 0) > 0 for name in JAVASCRIPT), results
        await has_ended(first)
