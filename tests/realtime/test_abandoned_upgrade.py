"""An upgrade that is never finished: the session goes on polling as if there had been none."""

import asyncio
import json
from uuid import uuid4

import httpx
import websockets
from django.conf import settings

from examples import echo
from messaging import services
from realtime.engineio.server import Server
from realtime.engineio.upgrade import Upgrade
from tests.cast import Person
from tests.dynamodb.endpoint import until
from tests.serving import serving
from tests.socket_client import TIMEOUT

from .sockets import NullSocket

QUERY = "/socket.io/?EIO=4&transport="


async def test_a_session_outlives_the_process_that_had_its_websocket(alice: Person, group_id: str) -> None:
    async with (
        serving({"UPGRADE_TIMEOUT": "1"}) as owner,
        serving({}) as other,
        httpx.AsyncClient(base_url=owner.url, timeout=TIMEOUT) as browser,
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
        pending = await waiting_get(browser, poll)
        await services.send_message(actor=alice.actor, group_id=group_id, content="still here")
        while "still here" not in (await pending).text:
            pending = asyncio.create_task(browser.get(poll))
        async with websockets.connect(address(owner.url, sid), ping_interval=None) as socket:
            await socket.send("2probe")
            assert await socket.recv() == "3probe"


def address(url: str, sid: str) -> str:
    return f"ws{url.removeprefix('http')}{QUERY}websocket&sid={sid}"


async def waiting_get(browser: httpx.AsyncClient, poll: str) -> "asyncio.Task[httpx.Response]":
    """Return a GET that waits for longer than each does during an upgrade."""
    async with asyncio.timeout(TIMEOUT):
        while True:
            pending = asyncio.create_task(browser.get(poll))
            done, _ = await asyncio.wait([pending], timeout=1)
            if not done:
                return pending


async def test_a_lock_that_arrives_after_its_websocket_was_lost_is_released() -> None:
    group = f"test-{uuid4().hex}"
    owner, other = (
        Server(echo.echo_settings(), echo.engine_handler, redis_url=settings.REDIS_URL, namespace=group) for _ in "12"
    )
    try:
        await owner.cluster.wait_until_reachable()
        session = owner.open_session({}, transport="polling")
        upgrade = Upgrade(other, session.sid, base64=False)
        upgrade.opened(NullSocket(upgrade))
        upgrade.lost(1006)
        await until(lambda: not session.upgrading)
    finally:
        await other.close()
        await owner.close()
