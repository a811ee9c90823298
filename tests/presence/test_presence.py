"""Presence: told to those who share a group, once, and right whatever becomes of processes and of Redis."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from django.conf import settings

from bench.chaos.lines import line_to
from groups import services as groups
from tests.cast import Person, person
from tests.serving import Server, serving
from tests.socket_client import SocketClient, connected

QUICK = {"PRESENCE_INTERVAL": "0.1", "PRESENCE_EXPIRY": "1.5", "PRESENCE_GRACE": "0.6"}
# Long enough for a change that is told to have arrived: a grace and some rounds.
A_WHILE = 1.5


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Server]:
    async with serving(QUICK) as server:
        yield server


@pytest.fixture(scope="module")
async def other() -> AsyncIterator[Server]:
    async with serving(QUICK) as server:
        yield server


def told(client: SocketClient, who: Person) -> list[str]:
    """Return the statuses that the client was told of someone, in order, `ready` first if it says one."""
    ready = client.all("ready")[-1]["presence"]
    updates = [user for data in client.all("presence_update") for user in data["users"]]
    return [*([ready[who.id]] if who.id in ready else []), *(u["status"] for u in updates if u["userId"] == who.id)]


async def until_told(client: SocketClient, who: Person, *statuses: str) -> None:
    try:
        await client.wait_until(lambda: told(client, who) == list(statuses))
    except TimeoutError:
        raise AssertionError(f"told {told(client, who)}, not {statuses}") from None


async def test_a_sharer_hears_who_comes_and_goes_and_a_stranger_does_not(
    server: Server, group_id: str, alice: Person, bob: Person, charlie: Person
) -> None:
    async with connected(server.url, alice) as sharer, connected(server.url, charlie) as stranger:
        async with connected(server.url, bob):
            await until_told(sharer, bob, "online")
        await until_told(sharer, bob, "online", "offline")
        assert not {alice.id, bob.id} & seen_by(stranger)


def seen_by(client: SocketClient) -> set[str]:
    updates = {user["userId"] for data in client.all("presence_update") for user in data["users"]}
    return updates | set(client.all("ready")[-1]["presence"])


async def test_five_shared_groups_are_one_update(server: Server, group_id: str, alice: Person, bob: Person) -> None:
    for number in range(4):
        await groups.create_group(actor=alice.actor, name=f"Pier {number}", member_ids=[bob.id])
    async with connected(server.url, alice) as sharer, connected(server.url, bob):
        await until_told(sharer, bob, "online")
        await asyncio.sleep(A_WHILE)
        assert told(sharer, bob) == ["online"]


async def test_two_connections_on_two_processes_are_one_presence(
    server: Server, other: Server, group_id: str, alice: Person, bob: Person
) -> None:
    async with connected(server.url, alice) as near, connected(other.url, alice) as far:
        async with connected(other.url, bob):
            async with connected(server.url, bob), connected(server.url, bob):
                await until_told(near, bob, "online")
            await asyncio.sleep(A_WHILE)
            assert told(near, bob) == told(far, bob) == ["online"]
        await until_told(near, bob, "online", "offline")
        await until_told(far, bob, "online", "offline")


async def test_away_is_when_all_connections_are(
    server: Server, other: Server, group_id: str, alice: Person, bob: Person
) -> None:
    async with (
        connected(server.url, alice) as sharer,
        connected(server.url, bob) as laptop,
        connected(other.url, bob) as phone,
    ):
        await until_told(sharer, bob, "online")
        assert await laptop.send("presence", {"status": "away"}) == {"ok": True}
        await asyncio.sleep(A_WHILE)
        assert told(sharer, bob) == ["online"]
        await phone.send("presence", {"status": "away"})
        await until_told(sharer, bob, "online", "away")
        await laptop.send("presence", {"status": "online"})
        await until_told(sharer, bob, "online", "away", "online")


@pytest.mark.parametrize("data", [{}, {"status": "offline"}, {"status": 1}, None])
async def test_a_client_says_online_or_away_and_nothing_else(server: Server, alice: Person, data: Any) -> None:
    async with connected(server.url, alice) as client:
        answer = await client.send("presence", data)
        assert answer["error"]["code"] == "invalid"


async def test_the_users_of_a_killed_process_are_offline_soon(
    server: Server, group_id: str, alice: Person, bob: Person
) -> None:
    async with serving(QUICK) as victim, connected(server.url, alice) as sharer, connected(victim.url, bob):
        await until_told(sharer, bob, "online")
        victim.process.kill()
        async with asyncio.timeout(6):
            await until_told(sharer, bob, "online", "offline")


async def test_a_process_that_ends_takes_its_users_with_it_at_once(group_id: str, alice: Person, bob: Person) -> None:
    patient = {**QUICK, "PRESENCE_EXPIRY": "60"}
    async with (
        serving(patient) as server,
        connected(server.url, alice) as sharer,
        serving(patient) as leaving,
        connected(leaving.url, bob),
    ):
        await until_told(sharer, bob, "online")
        leaving.process.terminate()
        await until_told(sharer, bob, "online", "offline")


async def test_a_quick_return_tells_nothing(other: Server, group_id: str, alice: Person, bob: Person) -> None:
    async with serving({**QUICK, "PRESENCE_GRACE": "4"}) as server, connected(server.url, alice) as sharer:
        async with connected(server.url, bob):
            await until_told(sharer, bob, "online")
        await asyncio.sleep(0.5)
        # To another process, as behind a balancer.
        async with connected(other.url, bob):
            await asyncio.sleep(4 + A_WHILE)
            assert told(sharer, bob) == ["online"]


async def test_without_redis_everybody_stays_as_last_known_and_it_heals(
    server: Server, group_id: str, alice: Person, bob: Person, charlie: Person
) -> None:
    await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[charlie.id])
    async with (
        line_to(settings.REDIS_URL) as line,
        serving({**QUICK, "REDIS_URL": line.url}) as cut_off,
        connected(cut_off.url, alice) as sharer,
        connected(server.url, charlie) as outside,
    ):
        async with connected(server.url, bob):
            await until_told(sharer, bob, "online")
            line.cut()
            # The others take the process that cannot be heard for dead.
            await until_told(outside, alice, "online", "offline")
            await asyncio.sleep(A_WHILE)
            sent = await sharer.send("message", {"groupId": group_id, "content": "still here"})
            assert sent["ok"]
            assert "status" not in (await members(cut_off, group_id, alice))[bob.id]
        assert told(sharer, bob) == ["online"]
        line.restore()
        await until_told(sharer, bob, "online", "offline")
        await until_told(outside, alice, "online", "offline", "online")
        assert (await members(cut_off, group_id, alice))[charlie.id]["status"] == "online"


async def members(server: Server, group_id: str, caller: Person) -> dict[str, dict[str, Any]]:
    async with httpx.AsyncClient(base_url=server.url, headers=caller.headers) as client:
        rows = (await client.get(f"/api/groups/{group_id}/members")).json()["members"]
    return {row["userId"]: row for row in rows}


async def test_who_was_removed_hears_no_more_and_is_told_of_no_more(
    server: Server, group_id: str, alice: Person, bob: Person
) -> None:
    async with connected(server.url, alice) as owner:
        async with connected(server.url, bob) as removed:
            await until_told(owner, bob, "online")
            await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
            await removed.wait_for("member_update")
            heard = len(removed.all("presence_update"))
            await asyncio.sleep(0.3)
            await owner.send("presence", {"status": "away"})
            await until_told(owner, alice, "online", "away")
            await owner.send("presence", {"status": "online"})
            await until_told(owner, alice, "online", "away", "online")
            assert len(removed.all("presence_update")) == heard
        await asyncio.sleep(A_WHILE)
        assert told(owner, bob) == ["online"]


async def test_who_is_added_and_who_is_there_hear_of_each_other(
    server: Server, other: Server, group_id: str, alice: Person, charlie: Person
) -> None:
    async with connected(server.url, alice) as owner, connected(other.url, charlie) as newcomer:
        await until_told(owner, alice, "online")
        await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[charlie.id])
        await until_told(owner, charlie, "online")
        await newcomer.wait_until(lambda: "online" in told(newcomer, alice))


async def test_ready_says_who_is_there(
    server: Server, other: Server, group_id: str, alice: Person, bob: Person
) -> None:
    charlie, dora = await person("Charlie"), await person("Dora")
    await groups.create_direct(actor=bob.actor, user_id=charlie.id)
    async with (
        connected(server.url, alice) as first,
        connected(server.url, charlie),
        connected(server.url, dora),
    ):
        await until_told(first, alice, "online")
        await first.send("presence", {"status": "away"})
        await until_told(first, alice, "online", "away")
        async with connected(other.url, bob) as client:
            # The other process has heard of both, and the last of it.
            await client.wait_until(lambda: told(client, alice)[-1:] == ["away"] and charlie.id in seen_by(client))
        async with connected(other.url, bob) as client:
            seen = client.all("ready")[0]["presence"]
            assert {alice.id: "away", charlie.id: "online"}.items() <= seen.items()
            assert dora.id not in seen
        assert (await members(server, group_id, bob))[alice.id]["status"] == "away"


async def test_fifty_who_come_at_once_are_few_frames(server: Server, alice: Person) -> None:
    crowd = [await person(f"Crowd {number}") for number in range(50)]
    await groups.create_group(actor=alice.actor, name="Square", member_ids=[one.id for one in crowd])
    async with AsyncExitStack() as stack:
        watcher = await stack.enter_async_context(connected(server.url, alice))
        await asyncio.gather(*(stack.enter_async_context(connected(server.url, one)) for one in crowd))
        await watcher.wait_until(lambda: {one.id for one in crowd} <= seen_by(watcher))
        assert all(told(watcher, one) == ["online"] for one in crowd)
        # A frame a round of 0.1 s, not one a person.
        assert len(watcher.all("presence_update")) <= 25


async def test_a_large_group_tells_no_presence(group_id: str, alice: Person, bob: Person) -> None:
    async with (
        serving({**QUICK, "PRESENCE_MAX_MEMBERS": "1"}) as server,
        connected(server.url, alice) as sharer,
        connected(server.url, bob),
    ):
        await asyncio.sleep(A_WHILE)
        assert not sharer.all("presence_update")
