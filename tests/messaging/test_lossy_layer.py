"""Delivery is complete and in order although the link drops, repeats, delays and reorders, on every transport."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from bench.check_delivery import Plan, check
from groups import services as groups
from groups.management.commands.fixture import make
from messaging import services
from tests.cast import Person
from tests.lossy_layer import FAULTS, Faults
from tests.serving import Server, serving
from tests.socket_client import connected
from tests.wire_client import TRANSPORTS, WireClient, connected_by

Servers = tuple[Server, Server]
LOSSY = "tests.lossy_layer.LossyLayer"
on_every_transport = pytest.mark.parametrize("transport", TRANSPORTS)


def lossy(fault_rate: float, *, faults: str = "", types: str = "", seed: int = 1, **more: str) -> dict[str, str]:
    """Return the settings of a server whose link applies faults to this share of what it receives."""
    lossy = {"LOSSY_SHARE": str(fault_rate), "LOSSY_FAULTS": faults, "LOSSY_TYPES": types, "LOSSY_SEED": str(seed)}
    return {"CHANNEL_LAYER": LOSSY, **lossy, **more}


@pytest.fixture(scope="module")
async def lossless() -> AsyncIterator[Server]:
    """A server that receives everything."""
    async with serving({"TYPING_INTERVAL": "0"}) as server:
        yield server


@pytest.fixture(scope="module")
async def losing_changes() -> AsyncIterator[Server]:
    """A server that receives no change; it checks its rooms too rarely for a test to notice."""
    async with serving(lossy(1, faults="drop", types="changes", ROOM_CHECK_INTERVAL="600")) as server:
        yield server


@pytest.fixture(scope="module")
async def checking() -> AsyncIterator[Server]:
    """A server that receives nothing, and checks often what it has missed."""
    often = {"ROOM_CHECK_INTERVAL": "0.2", "QUIET_ROOM_CHECK_INTERVAL": "0.2", "MEMBERSHIP_CHECK_INTERVAL": "0.5"}
    async with serving(lossy(1, faults="drop") | often) as server:
        yield server


@pytest.fixture
def servers(lossless: Server, losing_changes: Server) -> Servers:
    return lossless, losing_changes


async def send(sender: Person, group_id: str, *contents: str) -> None:
    for content in contents:
        await services.send_message(actor=sender.actor, group_id=group_id, content=content)


def contents(client: WireClient) -> list[str]:
    return [message["content"] for message in client.all("message")]


# --- everything at once ----------------------------------------------------------------------------------------------
@pytest.mark.timeout(300)
@pytest.mark.parametrize("fault_rate", [0.02, 0.2])
async def test_clients_that_disconnect_at_random_miss_nothing(fault_rate: float) -> None:
    async with AsyncExitStack() as stack:
        opening = [
            stack.enter_async_context(serving(lossy(fault_rate, seed=number, WORKERS="2"))) for number in range(2)
        ]
        servers = await asyncio.gather(*opening)
        fixture = await make(8, 2, 6)
        plan = Plan([server.url for server in servers], fixture, seconds=5, clients=16, pace=3)
        report = await check(plan)
    assert not report.violations, report
    assert report.stats["acknowledged"]
    assert all(report.stats[transport] for transport in TRANSPORTS)


# --- each fault ------------------------------------------------------------------------------------------------------
@pytest.mark.timeout(240)
async def test_changes_arrive_once_and_in_order(lossless: Server, alice: Person, bob: Person, group_id: str) -> None:
    expected = [f"message {number}" for number in range(40)]
    async with AsyncExitStack() as stack:
        opening = [stack.enter_async_context(serving(lossy(0.5, faults=fault))) for fault in FAULTS]
        servers = await asyncio.gather(*opening)
        sender = await stack.enter_async_context(connected(lossless.url, alice))
        clients = [
            await stack.enter_async_context(connected_by(transport, server.url, bob))
            for server in servers
            for transport in TRANSPORTS
        ]
        for content in expected:
            await sender.send("message", {"groupId": group_id, "content": content})
        for client in clients:
            await client.wait_until(lambda client=client: len(contents(client)) >= len(expected))  # type: ignore[misc]
    assert [contents(client) for client in clients] == [expected] * len(clients)


# --- joining and leaving ---------------------------------------------------------------------------------------------
@on_every_transport
async def test_a_user_who_is_added_joins_the_room_although_the_message_about_it_was_lost(
    checking: Server, alice: Person, charlie: Person, group_id: str, transport: str
) -> None:
    async with connected_by(transport, checking.url, charlie) as newcomer:
        await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[charlie.id])
        update = await newcomer.wait_for("group_update")
        assert (update["groupId"], update["group"]["role"]) == (group_id, "member")
        await send(alice, group_id, "welcome")
        assert (await newcomer.wait_for("message"))["content"] == "welcome"


@on_every_transport
async def test_a_user_who_is_removed_gets_nothing_after_it_although_the_message_about_it_was_lost(
    servers: Servers, alice: Person, bob: Person, group_id: str, transport: str
) -> None:
    lossless, losing_changes = servers
    marker = await groups.create_direct(actor=alice.actor, user_id=bob.id)
    async with (
        connected(lossless.url, alice) as hers,
        connected_by(transport, losing_changes.url, bob) as his,
        connected_by(transport, losing_changes.url, alice) as beside_him,
    ):
        typing = {"groupId": group_id, "typing": True}
        assert (await hers.send("thread_typing", typing))["ok"]
        await his.wait_for("thread_typing_update")
        await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
        after = await hers.send("message", {"groupId": group_id, "content": "without him"})
        assert (await hers.send("thread_typing", typing))["ok"]
        # A client with a later position makes the server read the log, and deliver to both users what each may see.
        known = {group_id: after["message"]["seq"]}
        async with connected_by(transport, losing_changes.url, alice, since=known):
            await beside_him.wait_for("message", lambda message: message["content"] == "without him")
        await his.wait_for("member_update", lambda update: update["members"][0]["role"] is None)
        await his.send("thread_sync", {"groupId": marker.id})
        received = [event for event, data in his.events if isinstance(data, dict) and data.get("groupId") == group_id]
        assert received == ["thread_typing_update", "member_update"]


# --- reconnecting ----------------------------------------------------------------------------------------------------
@on_every_transport
async def test_a_client_from_a_server_that_is_ahead_misses_nothing_on_one_that_is_behind(
    servers: Servers, alice: Person, bob: Person, group_id: str, transport: str
) -> None:
    lossless, losing_changes = servers
    async with connected_by(transport, losing_changes.url, bob) as behind:
        async with connected(lossless.url, alice) as hers:
            sent = await hers.send("message", {"groupId": group_id, "content": "known to her"})
        known = sent["message"]["seq"]
        async with connected_by(transport, losing_changes.url, alice, since={group_id: known}) as returned:
            ready = returned.all("ready")[0]
            assert ready["resumed"] == {group_id: "changes"}
            assert ready["groups"][0]["head"] == known
            await send(alice, group_id, "new to her")
            sync: dict[str, Any] = await returned.send("thread_sync", {"groupId": group_id})
            async with connected_by(transport, losing_changes.url, bob, since={group_id: sync["head"]}):
                await returned.wait_for("message")
        assert contents(returned) == ["new to her"]
        await behind.wait_until(lambda: contents(behind) == ["known to her", "new to her"])


# --- the link itself -------------------------------------------------------------------------------------------------
def test_faults_apply_to_the_configured_share_and_are_the_same_for_the_same_seed() -> None:
    messages: list[dict[str, Any]] = [{"type": "changes", "number": number} for number in range(2000)]

    def arrivals(seed: str) -> list[int]:
        faults = Faults(0.2, ("drop",), (), seed)
        return [message["number"] for message in messages for _ in faults.arrivals(message)]

    assert 0.15 < 1 - len(arrivals("1")) / len(messages) < 0.25
    assert arrivals("1") == arrivals("1") != arrivals("2")


@pytest.mark.parametrize(
    ("fault", "numbers"), [("drop", []), ("repeat", [1, 1, 2, 2]), ("delay", [1, 2]), ("reorder", [])]
)
def test_each_fault_does_what_its_name_says(fault: str, numbers: list[int]) -> None:
    faults = Faults(1, (fault,), ("changes",), "1")
    arrived = [message["number"] for n in (1, 2) for _, message in faults.arrivals({"type": "changes", "number": n})]
    assert arrived == numbers
    # A message without a fault passes, and reordered ones arrive after it.
    rest = [message["number"] for _, message in faults.arrivals({"type": "joined", "number": 3})]
    assert rest == ([3, 1, 2] if fault == "reorder" else [3])
