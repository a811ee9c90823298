"""A page whose messages lie far apart in the log: few calls lead there, and none of them is a long one."""

import asyncio

import pytest

from dynamodb import store
from dynamodb.client import Client
from groups.log import queries
from groups.log.entry import Entry
from messaging import selectors, services
from tests.cast import Person

BETWEEN = 3_000
A_WRITE = 100


async def say(person: Person, group_id: str, content: str) -> None:
    await services.send_message(actor=person.actor, group_id=group_id, content=content)


async def many_reactions(group_id: str) -> None:
    """Append them past the appender, as another process would, but all at once."""
    head = await queries.last_entry(group_id)
    assert head
    at, seq = "2026-01-01T00:00:00.000Z", int(head.seq)
    rows = [
        Entry(
            *(group_id, seq + number),
            kind="reaction",
            user_id=head.user_id,
            created_at=at,
            message_count=int(head.message_count),
            nonce=f"n_{number:012}",
            target_seq=seq,
            emoji="👍",
            action="add" if number % 2 else "remove",
        )
        for number in range(1, BETWEEN + 1)
    ]

    def write(some: list[Entry]) -> None:
        with Entry.batch_write() as batch:
            for row in some:
                batch.save(row)

    await asyncio.gather(*(store.call(write, rows[at : at + A_WRITE]) for at in range(0, BETWEEN, A_WRITE)))


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many requests each of the store's calls has made, in the order in which they began."""
    counted: list[int] = []
    call, send = store.call, Client.send

    async def counting_call(*given: object, **named: object) -> object:
        counted.append(0)
        return await call(*given, **named)  # type: ignore[arg-type] # as it came

    async def counting_send(client: Client, operation: str, arguments: dict[str, object]) -> dict[str, object]:
        counted[-1] += 1
        return await send(client, operation, arguments)

    monkeypatch.setattr(store, "call", counting_call)
    monkeypatch.setattr(Client, "send", counting_send)
    return counted


async def test_a_long_way_back_is_a_few_short_calls(
    alice: Person, bob: Person, group_id: str, requests: list[int]
) -> None:
    for content in ("one", "two", "three"):
        await say(alice, group_id, content)
    await many_reactions(group_id)
    await say(bob, group_id, "four")
    requests.clear()
    page = await selectors.list_messages(actor=alice.actor, group_id=group_id, limit=2)
    assert [message["content"] for message in page.messages] == ["three", "four"]
    assert page.has_more
    # The membership, the head, and three looks: at 100 entries, at 1,000, and at what is left.
    assert requests == [1] * 5

    requests.clear()
    page = await selectors.list_messages(actor=alice.actor, group_id=group_id, before=page.messages[-1]["seq"])
    assert [message["content"] for message in page.messages] == ["one", "two", "three"]
    assert not page.has_more
    assert requests == [1] * 5
