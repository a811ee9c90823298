"""A websocket that was to take a session over and never will: the session goes on as if there had been none."""

import asyncio
import json
from uuid import uuid4

import httpx
import websockets
from django.conf import settings

from examples import echo
from messaging import services
from realtime.engineio.server import Server
from realtime.engineio.websocket import Upgrade
from tests.cast import Person
from tests.dynamodb.endpoint import until
from tests.serving import serving
from tests.socket_client import PATIENCE

from .test_crossing import Wide

QUERY = "/socket.io/?EIO=4&transport="


async def test_a_session_outlives_the_process_that_held_its_websocket(alice: Person, group_id: str) -> None:
    async with (
        serving({"UPGRADE_TIMEOUT": "1"}) as owner,
        serving({}) as other,
        httpx.AsyncClient(base_url=owner.url, timeout=PATIENCE) as browser,
    ):
        sid = json.loads((await browser.get(QUERY + "polling")).text[1:])["sid"]
        poll = f"{QUERY}polling&sid={sid}"
        await browser.post(poll, content=f"40{json.dumps({'token': alice.token})}")
        while '["ready",' not in (await browser.get(poll)).text:
            pass
        async with websockets.connect(address(other.url, sid), ping_interval=None) as socket:
            await socket.send("2probe")
            assert await socket.recv() == "3probe"
            other.process.kill()
            await socket.wait_closed()
        pending = await one_that_waits(browser, poll)
        await services.send_message(actor=alice.actor, group_id=group_id, content="still here")
        while "still here" not in (await pending).text:
            pending = asyncio.create_task(browser.get(poll))
        async with websockets.connect(address(owner.url, sid), ping_interval=None) as socket:
            await socket.send("2probe")
            assert await socket.recv() == "3probe"


def address(url: str, sid: str) -> str:
    return f"ws{url.removeprefix('http')}{QUERY}websocket&sid={sid}"


async def one_that_waits(browser: httpx.AsyncClient, poll: str) -> "asyncio.Task[httpx.Response]":
    """Return a GET that is not answered a moment later, as each is while a websocket is tried."""
    async with asyncio.timeout(PATIENCE):
        while True:
            pending = asyncio.create_task(browser.get(poll))
            done, _ = await asyncio.wait([pending], timeout=1)
            if not done:
                return pending


async def test_a_lock_that_comes_when_its_websocket_is_gone_is_given_back() -> None:
    group = f"test-{uuid4().hex}"
    owner, other = (Server(echo._settings(), echo._engine, redis_url=settings.REDIS_URL, namespace=group) for _ in "12")
    try:
        await owner.cluster.reachable()
        session = owner.open({}, transport="polling")
        upgrade = Upgrade(other, session.sid, base64=False)
        upgrade.opened(Wide(upgrade))
        upgrade.lost(1006)
        await asyncio.wait_for(upgrade._locking, PATIENCE)
        assert upgrade._giving_back
        await until(lambda: not session.upgrading)
    finally:
        await other.close()
        await owner.close()
