"""A session whose websocket is in another process: the client notices when Redis loses something between the two."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import pytest
import redis.asyncio as redis
import websockets
from django.conf import settings

from bench.chaos.proxy import TcpProxy, proxy_to
from messaging import services
from tests.cast import Person
from tests.serving import Server, serving
from tests.socket_client import TIMEOUT, connected

QUERY = "/socket.io/?EIO=4&transport="


@asynccontextmanager
async def relayed(owner: Server, relay: Server, who: Person) -> AsyncIterator[websockets.ClientConnection]:
    """A client whose session lives in one process, and whose websocket is in the other."""
    async with httpx.AsyncClient(base_url=owner.url, timeout=TIMEOUT) as browser:
        sid = json.loads((await browser.get(QUERY + "polling")).text[1:])["sid"]
        await browser.post(f"{QUERY}polling&sid={sid}", content=f"40{json.dumps({'token': who.token})}")
        while '["ready",' not in (await browser.get(f"{QUERY}polling&sid={sid}")).text:
            pass
        address = f"ws{relay.url.removeprefix('http')}{QUERY}websocket&sid={sid}"
        async with websockets.connect(address, ping_interval=None) as socket:
            await socket.send("2probe")
            assert await socket.recv() == "3probe"
            await socket.send("5")
            yield socket


async def send(who: Person, group_id: str, content: str) -> None:
    await services.send_message(actor=who.actor, group_id=group_id, content=content)


async def contents(socket: websockets.ClientConnection) -> list[str]:
    """Return the messages that come up to the last one, or until the socket is closed."""
    found: list[str] = []
    with suppress(websockets.ConnectionClosed):
        async with asyncio.timeout(TIMEOUT):
            while "the last" not in found:
                packet = str(await socket.recv())
                if packet.startswith('42["message",'):
                    found.append(json.loads(packet[2:])[1]["content"])
    return found


@pytest.fixture
async def redis_proxy() -> AsyncIterator[TcpProxy]:
    async with proxy_to(settings.REDIS_URL) as redis_proxy:
        yield redis_proxy


async def test_a_client_is_closed_before_it_gets_what_follows_a_message_that_redis_lost(
    redis_proxy: TcpProxy, alice: Person, bob: Person, group_id: str
) -> None:
    async with (
        serving({}) as owner,
        serving({"REDIS_URL": redis_proxy.url}) as relay,
        connected(owner.url, bob) as watcher,
        relayed(owner, relay, alice) as socket,
    ):
        await send(bob, group_id, "before")
        await watcher.wait_for("message", lambda m: m["content"] == "before")
        # Presence may come before it.
        while "before" not in str(await socket.recv()):
            pass
        known = watcher.all("message")[0]["seq"]
        redis_proxy.stall()
        async with delivered(b"never arrives"):
            await send(bob, group_id, "never arrives")
        redis_proxy.cut()
        redis_proxy.restore()
        await wait_until_sessions_are_reachable(owner, relay)
        await send(bob, group_id, "the last")
        assert await contents(socket) == []
        async with connected(relay.url, alice, since={group_id: known}) as back:
            await back.wait_for("message", lambda m: m["content"] == "the last")
            assert [m["content"] for m in back.all("message")] == ["never arrives", "the last"]


@asynccontextmanager
async def delivered(content: bytes) -> AsyncIterator[None]:
    """Exit only once Redis has delivered a message with this content between the processes."""
    async with redis.Redis.from_url(settings.REDIS_URL) as client, client.pubsub() as subscription:
        await subscription.psubscribe(f"{settings.NAMESPACE}:eio:*")
        async with asyncio.timeout(TIMEOUT):
            assert (await anext(subscription.listen()))["type"] == "psubscribe"
            yield
            async for message in subscription.listen():
                if message["type"] == "pmessage" and content in message["data"]:
                    return


async def wait_until_sessions_are_reachable(owner: Server, relay: Server) -> None:
    """Return when one process reaches the other's sessions again."""
    async with (
        httpx.AsyncClient(base_url=owner.url, timeout=TIMEOUT) as there,
        httpx.AsyncClient(base_url=relay.url, timeout=TIMEOUT) as here,
        asyncio.timeout(TIMEOUT),
    ):
        sid = json.loads((await there.get(QUERY + "polling")).text[1:])["sid"]
        # A GET for a websocket is a bad request, once the session is known.
        while (await here.get(f"{QUERY}websocket&sid={sid}")).json()["message"] != "Bad request":  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("cut_off", ["owner", "relay"])
async def test_a_poll_that_was_lost_between_two_processes_is_refused(redis_proxy: TcpProxy, cut_off: str) -> None:
    behind_proxy = {"REDIS_URL": redis_proxy.url}
    async with (
        serving(behind_proxy if cut_off == "owner" else {}) as owner,
        serving(behind_proxy if cut_off == "relay" else {}) as relay,
        httpx.AsyncClient(base_url=owner.url, timeout=TIMEOUT) as there,
        httpx.AsyncClient(base_url=relay.url, timeout=TIMEOUT) as here,
    ):
        sid = json.loads((await there.get(QUERY + "polling")).text[1:])["sid"]
        await wait_until_sessions_are_reachable(owner, relay)
        if cut_off == "owner":
            redis_proxy.stall()
        async with delivered(b"poll"):
            poll = asyncio.create_task(here.get(f"{QUERY}polling&sid={sid}"))
        redis_proxy.cut()
        redis_proxy.restore()
        response = await poll
        assert (response.status_code, response.json()["message"]) == (400, "Session ID unknown")
