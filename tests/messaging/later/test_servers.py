"""Two servers: what is planned is done at its time whichever is killed, and people are told wherever they are."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.cast import Person
from tests.entry_points import http_client
from tests.presence.test_profile_news import sees_online
from tests.serving import Server, serving
from tests.socket_client import connected

_SETTINGS = {"DUE_LEASE": "5", "PRESENCE_INTERVAL": "0.1"}


@pytest.fixture(scope="module")
async def servers() -> AsyncIterator[list[Server]]:
    async with AsyncExitStack() as stack:
        yield list(await asyncio.gather(*(stack.enter_async_context(serving(_SETTINGS)) for _ in range(2))))


def _at(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


async def test_what_is_planned_is_done_at_its_time_once(
    servers: list[Server], alice: Person, bob: Person, group_id: str
) -> None:
    here, there = servers
    async with connected(here.url, bob) as mine, connected(there.url, alice) as other:
        planned = await mine.send("schedule_message", {"groupId": group_id, "content": "on time", "at": _at(2)})
        assert planned["ok"], planned
        message = await other.wait_for("message", lambda data: data["content"] == "on time")
        assert message["userId"] == bob.id
        done = await mine.wait_for("user_update", lambda data: data["kind"] == "scheduled" and data["change"] == "done")
        assert (done["messageId"], done["scheduled"]["id"]) == (message["id"], planned["scheduled"]["id"])
        reminder = await other.send("remind", {"messageId": message["id"], "at": _at(1)})
        assert reminder["ok"], reminder
        told = await other.wait_for("user_update", lambda data: data["kind"] == "inbox" and data["change"] == "added")
        async with http_client(here.url, alice) as http:
            (item,) = (await http.get("/api/inbox")).json()["items"]
            assert (item["kind"], [item["id"]]) == ("reminder", told["itemIds"])
            assert (await http.get("/api/reminders")).json()["reminders"] == []
        assert [data["content"] for data in other.all("message")].count("on time") == 1


async def test_the_end_of_a_status_is_told_to_who_shares_a_group(
    servers: list[Server], alice: Person, bob: Person, group_id: str
) -> None:
    here, there = servers
    async with (
        connected(here.url, bob) as mine,
        connected(there.url, alice) as other,
        http_client(here.url, bob) as http,
    ):

        def has_status(data: dict[str, Any]) -> bool:
            return bool(data["user"]["id"] == bob.id and "customStatus" in data["user"])

        def has_none(data: dict[str, Any]) -> bool:
            return bool(data["user"]["id"] == bob.id and "customStatus" not in data["user"])

        await sees_online(other, bob.id)
        await sees_online(mine, alice.id)
        set_ = await http.put("/api/users/me/status", json={"text": "At lunch", "expiresAt": _at(4)})
        assert set_.status_code == 200, set_.text
        await other.wait_for("profile_update", has_status)
        await other.wait_for("profile_update", has_none)
        await mine.wait_for("user_update", lambda data: data["kind"] == "profile" and has_none(data))
