"""The promises hold when the link between processes loses, repeats, delays and reorders, on every transport."""

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
from tests.lossy_link import FAULTS, Faults
from tests.serving import Server, serving
from tests.socket_client import connected
from tests.wire_client import TRANSPORTS, WireClient, connected_by

Servers = tuple[Server, Server]
LOSSY = "tests.lossy_link.LossyLink"
on_every_transport = pytest.mark.parametrize("transport", TRANSPORTS)


def lossy(share: float, *, faults: str = "", types: str = "", seed: int = 1, **more: str) -> dict[str, str]:
    """Return the settings of a server whose link strikes this share of what it hears."""
    struck = {"LOSSY_SHARE": str(share), "LOSSY_FAULTS": faults, "LOSSY_TYPES": types, "LOSSY_SEED": str(seed)}
    return {"HUB_LINK": LOSSY, **struck, **more}


@pytest.fixture(scope="module")
async def whole() -> AsyncIterator[Server]:
    """A server that hears everything."""
    async with serving({"TYPING_INTERVAL": "0"}) as server:
        yield server


@pytest.fixture(scope="module")
async def deaf() -> AsyncIterator[Server]:
    """A server that hears of no change; it compares its rooms with the logs so seldom that no test sees it."""
    async with serving(lossy(1, faults="drop", types="changes", ROOM_CHECK_INTERVAL="600")) as server:
        yield server


@pytest.fixture(scope="module")
async def forgetful() -> AsyncIterator[Server]:
    """A server that hears nothing at all, and looks often what it has missed."""
    async with serving(lossy(1, faults="drop", ROOM_CHECK_INTERVAL="0.2", MEMBERSHIP_CHECK_INTERVAL="0.5")) as server:
        yield server


@pytest.fixture
def servers(whole: Server, deaf: Server) -> Servers:
    return whole, deaf


async def say(who: Person, group_id: str, *contents: str) -> None:
    for content in contents:
        await services.send_message(actor=who.actor, group_id=group_id, content=content)


def contents(client: WireClient) -> list[str]:
    return [message["content"] for message in client.all("message")]


# --- everything at once ----------------------------------------------------------------------------------------------
@pytest.mark.timeout(300)
@pytest.mark.parametrize("share", [0.02, 0.2])
async def test_clients_that_misbehave_notice_nothing_of_it(share: float) -> None:
    async with AsyncExitStack() as stack:
        opening = [stack.enter_async_context(serving(lossy(share, seed=number, WORKERS="2"))) for number in range(2)]
        servers = await asyncio.gather(*opening)
        fixture = await make(8, 2, 6)
        plan = Plan([server.url for server in servers], fixture, seconds=5, clients=16, pace=3)
        report = await check(plan)
    assert not report.violations, report
    assert report.stats["acknowledged"]
    assert all(report.stats[transport] for transport in TRANSPORTS)


# --- early, late, repeated, missing ----------------------------------------------------------------------------------
@pytest.mark.timeout(240)
async def test_changes_arrive_once_and_in_order(whole: Server, alice: Person, bob: Person, group_id: str) -> None:
    wanted = [f"message {number}" for number in range(40)]
    async with AsyncExitStack() as stack:
        opening = [stack.enter_async_context(serving(lossy(0.5, faults=fault))) for fault in FAULTS]
        servers = await asyncio.gather(*opening)
        sender = await stack.enter_async_context(connected(whole.url, alice))
        clients = [
            await stack.enter_async_context(connected_by(transport, server.url, bob))
            for server in servers
            for transport in TRANSPORTS
        ]
        for content in wanted:
            await sender.send("message", {"groupId": group_id, "content": content})
        for client in clients:
            await client.wait_until(lambda client=client: len(contents(client)) >= len(wanted))  # type: ignore[misc]
    assert [contents(client) for client in clients] == [wanted] * len(clients)


# --- joining and leaving ---------------------------------------------------------------------------------------------
@on_every_transport
async def test_someone_added_hears_the_group_although_the_notice_was_lost(
    forgetful: Server, alice: Person, charlie: Person, group_id: str, transport: str
) -> None:
    async with connected_by(transport, forgetful.url, charlie) as newcomer:
        await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[charlie.id])
        entered = await newcomer.wait_for("group_update")
        assert (entered["groupId"], entered["group"]["role"]) == (group_id, "member")
        await say(alice, group_id, "welcome")
        assert (await newcomer.wait_for("message"))["content"] == "welcome"


@on_every_transport
async def test_who_is_removed_hears_nothing_after_it_although_the_notice_was_lost(
    servers: Servers, alice: Person, bob: Person, group_id: str, transport: str
) -> None:
    whole, deaf = servers
    marker = await groups.create_direct(actor=alice.actor, user_id=bob.id)
    async with (
        connected(whole.url, alice) as hers,
        connected_by(transport, deaf.url, bob) as his,
        connected_by(transport, deaf.url, alice) as beside_him,
    ):
        typing = {"groupId": group_id, "typing": True}
        assert (await hers.send("thread_typing", typing))["ok"]
        await his.wait_for("thread_typing_update")
        await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
        after = await hers.send("message", {"groupId": group_id, "content": "without him"})
        assert (await hers.send("thread_typing", typing))["ok"]
        # Somebody who knows that there is more makes the deaf server look, and it tells both what each may know.
        known = {group_id: after["message"]["seq"]}
        async with connected_by(transport, deaf.url, alice, since=known):
            await beside_him.wait_for("message", lambda message: message["content"] == "without him")
        await his.wait_for("member_update", lambda update: update["members"][0]["role"] is None)
        await his.send("thread_sync", {"groupId": marker.id})
        told = [event for event, data in his.events if isinstance(data, dict) and data.get("groupId") == group_id]
        assert told == ["thread_typing_update", "member_update"]


# --- coming back -----------------------------------------------------------------------------------------------------
@on_every_transport
async def test_who_comes_from_a_server_that_heard_more_is_brought_up_to_date(
    servers: Servers, alice: Person, bob: Person, group_id: str, transport: str
) -> None:
    whole, deaf = servers
    async with connected_by(transport, deaf.url, bob) as behind:
        async with connected(whole.url, alice) as hers:
            sent = await hers.send("message", {"groupId": group_id, "content": "known to her"})
        known = sent["message"]["seq"]
        async with connected_by(transport, deaf.url, alice, since={group_id: known}) as back:
            ready = back.all("ready")[0]
            assert ready["resumed"] == {group_id: "changes"}
            assert ready["groups"][0]["head"] == known
            await say(alice, group_id, "new to her")
            sync: dict[str, Any] = await back.send("thread_sync", {"groupId": group_id})
            async with connected_by(transport, deaf.url, bob, since={group_id: sync["head"]}):
                await back.wait_for("message")
        assert contents(back) == ["new to her"]
        await behind.wait_until(lambda: contents(behind) == ["known to her", "new to her"])


# --- the link itself -------------------------------------------------------------------------------------------------
def test_the_link_strikes_the_share_that_it_is_told_to_and_the_same_for_the_same_seed() -> None:
    messages: list[dict[str, Any]] = [{"type": "changes", "number": number} for number in range(2000)]

    def arrivals(seed: str) -> list[int]:
        faults = Faults(0.2, ("drop",), (), seed)
        return [message["number"] for message in messages for _ in faults.arrivals(message)]

    assert 0.15 < 1 - len(arrivals("1")) / len(messages) < 0.25
    assert arrivals("1") == arrivals("1") != arrivals("2")


@pytest.mark.parametrize(
    ("fault", "numbers"), [("drop", []), ("repeat", [1, 1, 2, 2]), ("delay", [1, 2]), ("reorder", [])]
)
def test_each_fault_does_what_it_is_called(fault: str, numbers: list[int]) -> None:
    faults = Faults(1, (fault,), ("changes",), "1")
    arrived = [late["number"] for n in (1, 2) for _, late in faults.arrivals({"type": "changes", "number": n})]
    assert arrived == numbers
    # What is not struck passes, and those that it was to overtake come after it.
    rest = [late["number"] for _, late in faults.arrivals({"type": "joined", "number": 3})]
    assert rest == ([3, 1, 2] if fault == "reorder" else [3])
