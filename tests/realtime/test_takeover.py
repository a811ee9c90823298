"""A polling session moves to the process that has its websocket, with everything that is queued."""

import asyncio
import json

import httpx
import websockets

from tests.cast import Person
from tests.serving import serving

QUERY = "/socket.io/?EIO=4&transport="


async def test_a_session_moves_to_the_process_that_has_its_websocket(alice: Person, group_id: str) -> None:
    async with (
        serving({"TAKEOVER_WAIT": "10"}) as first,
        serving({"TAKEOVER_WAIT": "10"}) as second,
        httpx.AsyncClient(base_url=first.url, timeout=20) as browser,
    ):
        opened = await browser.get(QUERY + "polling")
        sid = json.loads(opened.text[1:])["sid"]
        connect = f"40{json.dumps({'token': alice.token})}"
        assert (await browser.post(f"{QUERY}polling&sid={sid}", content=connect)).text == "ok"
        pending = asyncio.create_task(browser.get(f"{QUERY}polling&sid={sid}"))
        address = f"ws{second.url.removeprefix('http')}{QUERY}websocket&sid={sid}"
        async with websockets.connect(address, ping_interval=None) as socket:
            await socket.send("2probe")
            assert await socket.recv() == "3probe"
            assert (await pending).text == "6"
            await socket.send("5")
            assert str(await socket.recv()).startswith('40{"sid":')
            assert str(await socket.recv()).startswith('42["ready",')
            # The process in which it began is no longer needed.
            first.process.kill()
            data = json.dumps(["message", {"groupId": group_id, "content": "carried over"}])
            await socket.send(f"421{data}")
            packets = [str(await socket.recv()) for _ in range(2)]
            assert any(packet.startswith('431[{"ok":true') for packet in packets)
