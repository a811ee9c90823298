"""Two server processes, one group: every message once and in one order for all, also when a process is killed."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from groups import services as groups
from groups.log import queries
from tests.cast import Person, person
from tests.serving import Server, serving
from tests.socket_client import SocketClient, connected

SENDERS = 8
MESSAGES = 2000
RETRIED = 0.15


@pytest.fixture
async def servers() -> AsyncIterator[list[Server]]:
    async with AsyncExitStack() as stack:
        yield list(await asyncio.gather(*(stack.enter_async_context(serving({})) for _ in range(2))))


async def group_of(size: int) -> tuple[list[Person], str]:
    people = [await person(f"Sailor {n}") for n in range(size)]
    group = await groups.create_group(actor=people[0].actor, name="Crew", member_ids=[p.id for p in people])
    return people, group.id


async def send_and_retry(clients: list[SocketClient], group_id: str, name: str, count: int, rng: random.Random) -> None:
    """Send messages one by one, some of them again with the same clientId, through either client."""
    for number in range(count):
        data = {"groupId": group_id, "content": f"{name}.{number}", "clientId": f"{name}.{number}"}
        tries = [rng.choice(clients).send("message", data)]
        while rng.random() < RETRIED:
            tries.append(rng.choice(clients).send("message", data))
        replies = await asyncio.gather(*tries)
        assert all(reply["ok"] for reply in replies), replies
        assert len({reply["message"]["seq"] for reply in replies}) == 1


def contents(client: SocketClient) -> list[tuple[int, str]]:
    return [(data["seq"], data["content"]) for data in client.all("message")]


@pytest.mark.timeout(300)
async def test_each_message_arrives_everywhere_exactly_once_in_one_order(servers: list[Server]) -> None:
    people, group_id = await group_of(SENDERS)
    rng = random.Random(20)
    async with AsyncExitStack() as stack:
        pairs = [
            [await stack.enter_async_context(connected(server.url, user)) for server in servers] for user in people
        ]
        await asyncio.gather(
            *(
                send_and_retry(pairs[n], group_id, f"s{n}", MESSAGES // SENDERS, random.Random(rng.random()))
                for n in range(SENDERS)
            )
        )
        stored = await read_log(group_id)
        clients = [client for pair in pairs for client in pair]
        for client in clients:
            await client.wait_until(lambda client=client: len(client.all("message")) >= MESSAGES)  # type: ignore[misc]
    expected = {f"s{n}.{number}" for n in range(SENDERS) for number in range(MESSAGES // SENDERS)}
    assert len(stored) == MESSAGES
    assert {content for _, content in stored} == expected
    first = stored[0][0]
    assert [seq for seq, _ in stored] == list(range(first, first + MESSAGES))
    assert all(contents(client) == stored for client in clients)


async def read_log(group_id: str) -> list[tuple[int, str]]:
    log: list[Any] = []
    while entries := await queries.entries_after(group_id, int(log[-1].seq) if log else 0):
        log += entries
    return [(int(entry.seq), entry.content) for entry in log if entry.kind == "message"]


async def test_a_message_is_delivered_although_its_server_was_killed_before_publishing() -> None:
    people, group_id = await group_of(2)
    last = {"groupId": group_id, "content": "die after this", "clientId": "last"}
    async with (
        serving({}) as survivor,
        serving({}, application="tests.dying_server:application") as victim,
        connected(survivor.url, people[0]) as watcher,
        connected(victim.url, people[1]) as sender,
    ):
        await sender.client.emit("message", last)
        message = await watcher.wait_for("message")
        assert message["content"] == "die after this"
        async with connected(survivor.url, people[1]) as returned:
            assert await returned.send("message", last) == {"ok": True, "message": message, "duplicate": True}
        assert len(watcher.all("message")) == 1


async def test_a_user_who_is_added_by_another_process_joins_the_room_at_once(servers: list[Server]) -> None:
    people, group_id = await group_of(1)
    guest = await person("Guest")
    async with connected(servers[0].url, people[0]) as owner, connected(servers[1].url, guest) as newcomer:
        await groups.add_members(actor=people[0].actor, group_id=group_id, user_ids=[guest.id])
        update = await newcomer.wait_for("group_update")
        assert (update["groupId"], update["group"]["role"]) == (group_id, "member")
        sent = await owner.send("message", {"groupId": group_id, "content": "welcome"})
        assert (await newcomer.wait_for("message"))["id"] == sent["message"]["id"]
