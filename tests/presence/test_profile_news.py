"""A changed profile is told to one's own devices and to who shares a small group, in every process; to nobody else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from tests.cast import Person
from tests.entry_points import http_client
from tests.serving import Server, serving
from tests.socket_client import SocketClient, connected


@pytest.fixture(scope="module")
async def servers() -> AsyncIterator[list[Server]]:
    settings = {"PRESENCE_INTERVAL": "0.1"}
    async with AsyncExitStack() as stack:
        yield list(await asyncio.gather(*(stack.enter_async_context(serving(settings)) for _ in range(2))))


async def sees_online(client: SocketClient, user_id: str) -> None:
    """Return once the client knows that somebody is there: from then on, processes know their rooms."""

    def shows(data: dict[str, Any]) -> bool:
        return any(each["userId"] == user_id and each["status"] == "online" for each in data["users"])

    (ready,) = client.all("ready")
    if ready["presence"].get(user_id) != "online":
        await client.wait_for("presence_update", shows)


async def test_a_change_is_told_to_who_shares_a_group(
    servers: list[Server], alice: Person, bob: Person, charlie: Person, group_id: str
) -> None:
    here, there = servers
    async with (
        connected(here.url, alice) as mine,
        connected(there.url, alice) as other_device,
        connected(there.url, bob) as friend,
        connected(here.url, charlie) as stranger,
        http_client(here.url, alice) as http,
    ):
        await sees_online(friend, alice.id)
        await sees_online(mine, bob.id)
        set_ = await http.put("/api/users/me/status", json={"emoji": "🌴", "text": "On holiday"})
        assert set_.status_code == 200, set_.text
        told = await friend.wait_for("profile_update")
        assert told == {"user": set_.json()}
        assert told["user"]["customStatus"] == {"emoji": "🌴", "text": "On holiday"}
        for device in (mine, other_device):
            update = await device.wait_for("user_update", lambda data: data["kind"] == "profile")
            assert update["user"] == set_.json()
        assert (await http.patch("/api/users/me", json={"title": "Analyst"})).status_code == 200
        await friend.wait_for("profile_update", lambda data: data["user"].get("title") == "Analyst")
        assert [client.all("profile_update") for client in (mine, other_device, stranger)] == [[], [], []]
        assert len(friend.all("profile_update")) == 2
