"""While MongoDB is away search alone says so; what is said, edited and deleted meanwhile is found once it is back."""

import asyncio
import os
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import override_settings

from bench.chaos.proxy import TcpProxy, proxy_to
from files import storage
from foundation.errors import Unavailable
from groups.followers import follower, places
from groups.followers.runner import Runner
from groups.followers.wake_queue import wake_queue
from groups.followers.wakes import close_wakes
from messaging import services
from search.follower import SearchIndex
from search.sealing import sealer
from tests.cast import Person
from tests.search.searching import found, say


@pytest.fixture
async def line() -> AsyncIterator[TcpProxy]:
    """The way to MongoDB of this process."""
    await storage.close()
    async with proxy_to(os.environ["MONGODB_URI"]) as line:
        with override_settings(MONGODB_URI=line.url):
            yield line
            line.restore()
            await sealer().wait()
        # The address first: what still runs in the background opens a new client at once.
        await storage.close()


@pytest.fixture
async def _followed(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """The index alone follows what this test says, in this process."""
    monkeypatch.setattr(follower, "_followers", {SearchIndex.name: SearchIndex()})
    monkeypatch.setattr("groups.followers.feeding.AWAY_PAUSE", 0.2)
    await close_wakes()
    with override_settings(NAMESPACE=f"{settings.NAMESPACE}-{uuid4().hex[:8]}"):
        wake_queue()
    runner = Runner(alone=True)
    runner.stop_sweeping()
    running = asyncio.create_task(runner.run())
    yield
    await runner.stop()
    await running
    await wake_queue().clear()
    await close_wakes()


async def eventually_found(who: Person, query: str, expected: list[str]) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                if await found(who, query) == expected:
                    return
            except Unavailable:
                pass  # the driver learns a moment later that it is back
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("kind", ["cut", "held"])
@pytest.mark.usefixtures("_followed")
async def test_the_index_catches_up(alice: Person, group_id: str, line: TcpProxy, kind: str) -> None:
    edited, deleted = [await say(alice, group_id, f"quixotic {word}") for word in ("one", "two")]
    await eventually_found(alice, "quixotic", [deleted, edited])
    line.cut() if kind == "cut" else line.stall()
    later = await say(alice, group_id, "quixotic three")
    await services.edit_message(actor=alice.actor, message_id=edited, content="sober now")
    await services.delete_message(actor=alice.actor, message_id=deleted)
    with pytest.raises(Unavailable):
        await found(alice, "quixotic")
    line.restore()
    await eventually_found(alice, "quixotic", [later])
    await eventually_found(alice, "sober", [edited])
    assert (await places.find([group_id]))[group_id].by_name[SearchIndex.name].set_aside == ()
