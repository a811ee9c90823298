"""A server that goes down holds nobody who polls, and is held up by none of them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import httpx
import psutil
import socketio

from bench.chaos.proxy import proxy_to
from messaging import services
from tests.cast import Person
from tests.serving import Server, serving, uvicorn
from tests.socket_client import PATIENCE, InThreads, SocketClient, connected

from .node import script

POLLING = "/socket.io/?EIO=4&transport=polling"
JAVASCRIPT = ("socket.io-client", "socket.io-client-4-0", "socket.io-client-3")


def patient(application: str, port: int) -> list[str]:
    """A server that would wait for what is under way far longer than a test does."""
    return [*uvicorn(application, port), "--timeout-graceful-shutdown", "100", "--loop", "uvloop"]


async def has_ended(server: Server) -> None:
    async with asyncio.timeout(PATIENCE):
        while server.process.is_running() and server.process.status() != psutil.STATUS_ZOMBIE:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


@asynccontextmanager
async def browser(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.url, timeout=PATIENCE) as client:
        yield client


async def entered(client: httpx.AsyncClient, who: Person) -> str:
    """Open a session, and return where it polls once all that it is told at first has come."""
    sid = json.loads((await client.get(POLLING)).text[1:])["sid"]
    poll = f"{POLLING}&sid={sid}"
    assert (await client.post(poll, content=f"40{json.dumps({'token': who.token})}")).text == "ok"
    while '["presence_update",' not in (await client.get(poll)).text:
        pass
    return poll


async def test_a_get_that_waits_is_told_and_then_let_go(alice: Person, group_id: str) -> None:
    async with serving({}, server=patient) as server, browser(server) as client:
        poll = await entered(client, alice)
        waiting = asyncio.create_task(client.get(poll))
        await until_it_waits(server)
        server.process.terminate()
        told = await waiting
        assert told.status_code == 200
        assert '42["drain",{"retryAfter":' in told.text
        # Not a CLOSE packet, after which some clients do not come back.
        ended = await client.get(poll)
        assert (ended.status_code, ended.json()["message"]) == (400, "Session ID unknown")
        await has_ended(server)


async def until_it_waits(server: Server) -> None:
    """Return when what was sent to the server before is there: it answers in the order of arrival."""
    async with browser(server) as other:
        for _ in range(3):
            await other.get("/api/health/live")


async def test_a_get_of_a_session_elsewhere_is_let_go_and_the_session_goes_on(
    alice: Person, bob: Person, group_id: str
) -> None:
    async with (
        serving({}) as owner,
        serving({}, server=patient) as relay,
        browser(owner) as there,
        browser(relay) as here,
    ):
        poll = await entered(there, alice)
        waiting = asyncio.create_task(here.get(poll))
        await until_it_waits(relay)
        relay.process.terminate()
        answer = await waiting
        assert (answer.status_code, answer.text) == (200, "6")
        await has_ended(relay)
        await services.send_message(actor=bob.actor, group_id=group_id, content="goes on")
        while "goes on" not in (answer := await there.get(poll)).text:
            assert answer.status_code == 200


def is_back(client: SocketClient) -> bool:
    return len(client.all("ready")) == 2


async def test_the_official_clients_come_back_from_polling(alice: Person, bob: Person, group_id: str) -> None:
    async with (
        serving({}, server=patient) as first,
        serving({}) as second,
        proxy_to(first.url) as line,
        connected(second.url, bob) as watcher,
        script("official_clients.mjs") as node,
        AsyncExitStack() as stack,
    ):
        given = {"story": "left", "url": line.url, "transports": ["polling"], "groupId": group_id, "alice": alice.token}
        lived = asyncio.create_task(node.ask([{**given, "name": name, "library": name} for name in JAVASCRIPT]))
        makers = partial(socketio.AsyncClient, reconnection=True), partial(InThreads, reconnection=True)
        clients = [SocketClient(maker, ["polling"]) for maker in makers]
        for client in clients:
            stack.push_async_callback(client.client.disconnect)
            await client.open(line.url, alice)
        await watcher.wait_until(lambda: {m["content"] for m in watcher.all("message")} >= set(JAVASCRIPT))
        line.redirect_to(second.url)
        first.process.terminate()
        for client in clients:
            assert (await client.wait_for("drain"))["retryAfter"] > 0
            await client.wait_until(partial(is_back, client))
        ends = await lived
        assert all(ends[name].get("told", 0) > 0 for name in JAVASCRIPT), ends
        await has_ended(first)
