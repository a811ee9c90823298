"""A page whose messages lie far apart in the log is read with a few short calls."""

import asyncio

import pytest

from dynamodb import store
from dynamodb.client import Client
from groups.log import queries
from groups.log.entry import Entry
from groups.read_marks import close_read_marks
from messaging import selectors, services
from tests.cast import Person

REACTIONS = 3_000
ROWS_A_WRITE = 100


async def send(person: Person, group_id: str, content: str) -> None:
    await services.send_message(actor=person.actor, group_id=group_id, content=content)


async def append_many_reactions(group_id: str) -> None:
    """Append REACTIONS entries, bypassing the appender, as if another process had made them."""
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
        for number in range(1, REACTIONS + 1)
    ]

    def write(chunk: list[Entry]) -> None:
        with Entry.batch_write() as batch:
            for row in chunk:
                batch.save(row)

    await asyncio.gather(
        *(store.call(write, rows[start : start + ROWS_A_WRITE]) for start in range(0, REACTIONS, ROWS_A_WRITE))
    )


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of requests that each call of the store makes, in the order of the calls."""
    counts: list[int] = []
    call, send = store.call, Client.send

    async def counting_call(*args: object, **kwargs: object) -> object:
        counts.append(0)
        return await call(*args, **kwargs)  # type: ignore[arg-type] # passed on unchanged

    async def counting_send(client: Client, *args: object, **kwargs: object) -> object:
        counts[-1] += 1
        return await send(client, *args, **kwargs)  # type: ignore[arg-type] # passed on unchanged

    monkeypatch.setattr(store, "call", counting_call)
    monkeypatch.setattr(Client, "send", counting_send)
    return counts


async def test_messages_far_apart_are_read_with_a_few_short_calls(
    alice: Person, bob: Person, group_id: str, requests: list[int]
) -> None:
    for content in ("one", "two", "three"):
        await send(alice, group_id, content)
    await append_many_reactions(group_id)
    await send(bob, group_id, "four")
    # The authors' own read marks are written a moment later.
    await close_read_marks()
    requests.clear()
    page = await selectors.list_messages(actor=alice.actor, group_id=group_id, limit=2)
    assert [message["content"] for message in page.messages] == ["three", "four"]
    assert page.has_more
    # The membership, the head, and three queries: of 100 entries, of 1,000, and of the rest.
    assert requests == [1] * 5

    requests.clear()
    page = await selectors.list_messages(actor=alice.actor, group_id=group_id, before=page.messages[-1]["seq"])
    assert [message["content"] for message in page.messages] == ["one", "two", "three"]
    assert not page.has_more
    assert requests == [1] * 5
