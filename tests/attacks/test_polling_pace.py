"""A polling client that sends POST after POST is answered later and later, not refused; others are served at once."""

import asyncio
import json

import httpx

from realtime.engineio.pace import FREE_POSTS, POST_INTERVAL
from tests.cast import Person
from tests.entry_points import ack_code
from tests.serving import serving
from tests.socket_client import connected

POLLING = "/socket.io/?EIO=4&transport=polling"
_OVER = 20


async def test_posts_over_the_free_ones_are_answered_at_a_steady_pace(alice: Person) -> None:
    async with (
        serving({"RATE_LIMITS": ""}) as server,
        httpx.AsyncClient(base_url=server.url) as client,
        connected(server.url, alice) as bystander,
    ):
        sid = json.loads((await client.get(POLLING)).text[1:])["sid"]
        loop = asyncio.get_running_loop()
        began = loop.time()
        for _ in range(FREE_POSTS + _OVER):
            assert (await client.post(f"{POLLING}&sid={sid}", content="3")).text == "ok"
        # Never sooner, however fast the machine is.
        assert loop.time() - began >= (_OVER - 1) * POST_INTERVAL
        posts = [client.post(f"{POLLING}&sid={sid}", content="3") for _ in range(2)]
        assert ack_code(await bystander.send("thread_read", {"groupId": "absent", "seq": 1})) == "not_found"
        # One at a time is taken: the other is refused, unless it came after the response to the first.
        statuses = sorted(response.status_code for response in await asyncio.gather(*posts))
        assert statuses in ([200, 400], [200, 200])
