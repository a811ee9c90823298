"""Presence on real processes: right for users who share a group, whatever happens to processes and Redis."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from django.conf import settings

from bench.chaos.proxy import proxy_to
from groups import services as groups
from tests.cast import Person, person
from tests.serving import Server, serving
from tests.socket_client import TIMEOUT, SocketClient, connected

# A process that the machine starves of time for a while is not to be taken for dead.
QUICK = {"PRESENCE_INTERVAL": "0.1", "PRESENCE_GRACE": "0.2", "PRESENCE_EXPIRY": "60"}
DYING = {**QUICK, "PRESENCE_EXPIRY": "2"}


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Server]:
    async with serving(QUICK) as server:
        yield server


@pytest.fixture(scope="module")
async def other() -> AsyncIterator[Server]:
    async with serving(QUICK) as server:
        yield server


def statuses(client: SocketClient, user: Person) -> list[str]:
    """Return the statuses of a user that the client was sent, in order, first that of `ready` if it has one."""
    ready = client.all("ready")[-1]["presence"]
    updates = [update for data in client.all("presence_update") for update in data["users"]]
    return [
        *([ready[user.id]] if user.id in ready else []),
        *(u["status"] for u in updates if u["userId"] == user.id),
    ]


async def until_sent(client: SocketClient, user: Person, *expected: str) -> None:
    """Wait until the client was sent just these statuses of the user."""
    try:
        await client.wait_until(lambda: statuses(client, user) == list(expected))
    except TimeoutError:
        raise AssertionError(f"sent {statuses(client, user)}, not {expected}") from None


def seen_by(client: SocketClient) -> set[str]:
    updates = {user["userId"] for data in client.all("presence_update") for user in data["users"]}
    return updates | set(client.all("ready")[-1]["presence"])


async def send_status(client: SocketClient, user: Person, status: str) -> None:
    """Send a status, and wait until it comes back: everything published earlier has arrived then."""
    assert await client.send("presence", {"status": status}) == {"ok": True}
    await client.wait_until(lambda: statuses(client, user)[-1:] == [status])


async def members(server: Server, group_id: str, caller: Person) -> dict[str, dict[str, Any]]:
    async with httpx.AsyncClient(base_url=server.url, headers=caller.headers) as client:
        rows = (await client.get(f"/api/groups/{group_id}/members")).json()["members"]
    return {row["userId"]: row for row in rows}


async def eventually(true: Callable[[], Awaitable[bool]]) -> None:
    """Poll until it is true."""
    async with asyncio.timeout(TIMEOUT):
        while not await true():  # noqa: ASYNC110 - a page is asked, it sends no event
            await asyncio.sleep(0.05)


async def test_statuses_reach_users_who_share_a_group_and_nobody_else(
    server: Server, group_id: str, alice: Person, bob: Person, charlie: Person
) -> None:
    await groups.create_group(actor=charlie.actor, name="Elsewhere")
    async with connected(server.url, alice) as sharer, connected(server.url, charlie) as stranger:
        async with connected(server.url, bob):
            await until_sent(sharer, bob, "online")
        await until_sent(sharer, bob, "online", "offline")
        await send_status(stranger, charlie, "away")
        assert seen_by(stranger) == {charlie.id}


@pytest.mark.parametrize("data", [{}, {"status": "offline"}, {"status": 1}, None])
async def test_a_client_says_online_or_away_and_nothing_else(server: Server, alice: Person, data: Any) -> None:
    async with connected(server.url, alice) as client:
        ack = await client.send("presence", data)
        assert ack["error"]["code"] == "invalid"


async def test_the_users_of_a_killed_process_are_offline_soon(
    server: Server, group_id: str, alice: Person, bob: Person
) -> None:
    async with serving(DYING) as victim, connected(server.url, alice) as sharer, connected(victim.url, bob):
        await until_sent(sharer, bob, "online")
        victim.process.kill()
        await until_sent(sharer, bob, "online", "offline")


async def test_a_process_that_ends_takes_its_users_with_it_at_once(
    server: Server, group_id: str, alice: Person, bob: Person
) -> None:
    # Nothing expires while anybody waits here.
    assert float(QUICK["PRESENCE_EXPIRY"]) > TIMEOUT
    async with serving(QUICK) as leaving, connected(server.url, alice) as sharer, connected(leaving.url, bob):
        await until_sent(sharer, bob, "online")
        leaving.process.terminate()
        await until_sent(sharer, bob, "online", "offline")


async def test_without_redis_everybody_stays_as_last_known_and_it_heals(
    server: Server, group_id: str, alice: Person, bob: Person, charlie: Person
) -> None:
    await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[charlie.id])
    async with (
        proxy_to(settings.REDIS_URL) as line,
        serving({**DYING, "REDIS_URL": line.url}) as cut_off,
        connected(cut_off.url, alice) as sharer,
        connected(server.url, charlie) as outside,
    ):

        async def knows(user: Person, status: str | None) -> bool:
            return (await members(cut_off, group_id, alice))[user.id].get("status") == status

        async with connected(server.url, bob):
            await until_sent(sharer, bob, "online")
            await eventually(lambda: knows(bob, "online"))
            line.cut()
            # The others treat the silent process as dead.
            await until_sent(outside, alice, "online", "offline")
            await eventually(lambda: knows(bob, None))
            sent = await sharer.send("message", {"groupId": group_id, "content": "still here"})
            assert sent["ok"]
        await until_sent(outside, bob, "online", "offline")
        # Within the process presence goes on: what came before this says nothing of bob.
        await send_status(sharer, alice, "away")
        assert statuses(sharer, bob) == ["online"]
        line.restore()
        await until_sent(sharer, bob, "online", "offline")
        await until_sent(outside, alice, "online", "offline", "away")
        await eventually(lambda: knows(charlie, "online"))


async def test_a_removed_member_and_the_group_get_no_more_of_each_others_statuses(
    server: Server, group_id: str, alice: Person, bob: Person, charlie: Person
) -> None:
    await groups.create_direct(actor=bob.actor, user_id=charlie.id)
    async with connected(server.url, alice) as owner, connected(server.url, charlie) as friend:
        async with connected(server.url, bob) as removed:
            await until_sent(owner, bob, "online")
            await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
            await removed.wait_for("member_update")
            before = len(removed.all("presence_update"))
            await send_status(owner, alice, "away")
            await send_status(owner, alice, "online")
            await send_status(removed, bob, "away")
            later = removed.all("presence_update")[before:]
            assert {user["userId"] for data in later for user in data["users"]} <= {bob.id, charlie.id}
        await until_sent(friend, bob, "online", "away", "offline")
        await send_status(owner, alice, "away")
        assert statuses(owner, bob) == ["online"]


async def test_an_added_member_and_the_others_get_each_others_status(
    server: Server, other: Server, group_id: str, alice: Person, charlie: Person
) -> None:
    async with connected(server.url, alice) as owner, connected(other.url, charlie) as newcomer:
        await until_sent(owner, alice, "online")
        await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[charlie.id])
        await until_sent(owner, charlie, "online")
        await newcomer.wait_until(lambda: "online" in statuses(newcomer, alice))


async def test_ready_has_the_statuses_of_the_users_who_are_online(
    server: Server, other: Server, group_id: str, alice: Person, bob: Person
) -> None:
    charlie, dora = await person("Charlie"), await person("Dora")
    await groups.create_direct(actor=bob.actor, user_id=charlie.id)
    await groups.create_group(actor=dora.actor, name="Elsewhere")
    async with (
        connected(server.url, alice) as first,
        connected(server.url, charlie),
        connected(server.url, dora) as stranger,
    ):
        await until_sent(stranger, dora, "online")
        await until_sent(first, alice, "online")
        await send_status(first, alice, "away")
        async with connected(other.url, bob) as client:
            # Wait until the other process has received all three users, and the last change of alice.
            await client.wait_until(lambda: statuses(client, alice)[-1:] == ["away"] and charlie.id in seen_by(client))
        async with connected(other.url, bob) as client:
            seen = client.all("ready")[0]["presence"]
            assert {alice.id: "away", charlie.id: "online"}.items() <= seen.items()
            assert dora.id not in seen
        assert (await members(server, group_id, bob))[alice.id]["status"] == "away"
