"""Threads while the index that lists their replies lags behind the log, as it may on AWS.

DynamoDB Local updates its indexes before it responds to a write, so the lag is simulated here: the query of the index
omits the newest replies for as long as the test needs.
"""

from typing import Any

import pytest

from foundation.errors import Unavailable
from groups import selectors as groups
from groups.log import queries
from groups.log.entry import Entry
from messaging import models, selectors, services
from realtime.hub.change import Position
from tests.cast import Person

ALWAYS = 10**9


class LaggingIndex:
    """Lists only the first `shows` replies of a message, for the first `lags` queries."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, shows: int, lags: int = ALWAYS) -> None:
        self.queries, self.shows, self.lags = 0, shows, lags
        self.failure: Exception | None = None
        self._query = queries.replies_before
        monkeypatch.setattr(queries, "replies_before", self._replies_before)
        # An index that catches up is waited for even on a slow machine; one that never does, only briefly.
        monkeypatch.setattr(models, "INDEX_TIMEOUT", 0.2 if lags == ALWAYS else 60.0)

    async def _replies_before(self, parent_id: str, seq: int, *, limit: int) -> list[Entry]:
        self.queries += 1
        if self.failure and self.queries > 1:
            raise self.failure
        if self.queries > self.lags:
            return await self._query(parent_id, seq, limit=limit)
        entries = await self._query(parent_id, seq, limit=1000)
        return [entry for entry in entries if int(entry.reply_number or 0) <= self.shows][:limit]


async def send(sender: Person, group_id: str, content: str, parent_id: str | None = None) -> dict[str, Any]:
    sent = await services.send_message(actor=sender.actor, group_id=group_id, content=content, parent_id=parent_id)
    message: dict[str, Any] = sent["message"]
    return message


@pytest.fixture
async def root_id(alice: Person, group_id: str) -> str:
    """A message with three replies, with other messages before and after each."""
    root = await send(alice, group_id, "root")
    for number in range(3):
        await send(alice, group_id, f"before {number}")
        await send(alice, group_id, f"reply {number}", root["id"])
    await send(alice, group_id, "last")
    root_id: str = root["id"]
    return root_id


REPLIES = [f"reply {number}" for number in range(3)]


def contents(thread: dict[str, Any]) -> list[str]:
    return [message["content"] for message in thread["messages"]]


# --- a thread's page -------------------------------------------------------------------------------------------------
async def test_a_thread_has_every_reply_up_to_its_head(
    bob: Person, root_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = LaggingIndex(monkeypatch, shows=2, lags=3)
    thread = await selectors.list_thread(actor=bob.actor, message_id=root_id)
    assert contents(thread) == REPLIES
    assert index.queries == 4


async def test_a_thread_has_a_reply_that_is_sent_while_it_is_read(
    alice: Person, bob: Person, group_id: str, root_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    position = groups.get_head_position

    async def position_after_a_reply(*, group_id: str) -> Position:
        await send(alice, group_id, "reply 3", root_id)
        return await position(group_id=group_id)

    LaggingIndex(monkeypatch, shows=3, lags=2)
    monkeypatch.setattr(groups, "get_head_position", position_after_a_reply)
    thread = await selectors.list_thread(actor=bob.actor, message_id=root_id)
    assert contents(thread) == [*REPLIES, "reply 3"]
    assert thread["messages"][-1]["seq"] == thread["head"]
    assert thread["root"]["replyCount"] == 4


@pytest.mark.parametrize("failure", [None, Unavailable()])
async def test_an_index_that_does_not_catch_up_fails_no_request(
    bob: Person, root_id: str, monkeypatch: pytest.MonkeyPatch, failure: Exception | None
) -> None:
    index = LaggingIndex(monkeypatch, shows=2)
    index.failure = failure
    thread = await selectors.list_thread(actor=bob.actor, message_id=root_id)
    assert contents(thread) == REPLIES[:2]
    assert index.queries > 1


async def test_an_earlier_page_does_not_wait_for_newer_replies(
    bob: Person, root_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = (await selectors.list_thread(actor=bob.actor, message_id=root_id))["messages"][-1]
    index = LaggingIndex(monkeypatch, shows=2)
    thread = await selectors.list_thread(actor=bob.actor, message_id=root_id, before=newest["seq"])
    assert contents(thread) == REPLIES[:2]
    assert index.queries == 1


# --- a thread's read mark --------------------------------------------------------------------------------------------
async def unread_at_each_seq(reader: Person, group_id: str, root_id: str) -> list[int]:
    """Move the read mark through the whole log and return how many replies are unread at each seq."""
    head = (await groups.get_head_position(group_id=group_id)).seq
    return [
        (await services.mark_read(actor=reader.actor, group_id=group_id, seq=seq, parent_id=root_id))["unread"]
        for seq in range(1, head + 1)
    ]


async def replies_after_each_seq(group_id: str, root_id: str) -> list[int]:
    entries = await queries.entries_after(group_id, 0)
    numbers = [int(entry.seq) for entry in entries if entry.parent_id == root_id]
    return [sum(number > seq for number in numbers) for seq in range(1, len(entries) + 1)]


@pytest.mark.parametrize("shows", range(4))
async def test_a_read_mark_covers_every_reply_up_to_it_and_none_after_it(
    bob: Person, group_id: str, root_id: str, monkeypatch: pytest.MonkeyPatch, shows: int
) -> None:
    expected = await replies_after_each_seq(group_id, root_id)
    LaggingIndex(monkeypatch, shows=shows)
    assert await unread_at_each_seq(bob, group_id, root_id) == expected
    assert (expected[0], expected[-1]) == (3, 0)


async def test_far_from_the_head_the_index_is_used(
    bob: Person, group_id: str, root_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "_PAGE", 1)
    expected = await replies_after_each_seq(group_id, root_id)
    assert await unread_at_each_seq(bob, group_id, root_id) == expected


async def test_a_reply_that_is_sent_meanwhile_is_unread(
    alice: Person, bob: Person, group_id: str, root_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    last_entry, new = queries.last_entry, ["reply 3"]

    async def last_entry_before_a_reply(group_id: str) -> Entry | None:
        head = await last_entry(group_id)
        if new:
            await send(alice, group_id, new.pop(), root_id)
        return head

    LaggingIndex(monkeypatch, shows=2)
    monkeypatch.setattr(queries, "last_entry", last_entry_before_a_reply)
    mark = await services.mark_read(actor=bob.actor, group_id=group_id, seq=10**9, parent_id=root_id)
    assert mark["unread"] == 1
    read = await groups.get_read_mark(actor=bob.actor, group_id=group_id, parent_id=root_id)
    assert read.message_count == len(REPLIES)
