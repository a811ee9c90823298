"""Threads while the index that lists their replies lags behind the log, as it may on AWS.

DynamoDB Local brings its indexes up to date before it answers a write, so the lag is made here: the query of the index
leaves the newest replies out, for as long as the test says.
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

FOR_EVER = 10**9


class LaggingIndex:
    """Lists only the first `shows` replies of a message until it has been asked `lags` times."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, shows: int, lags: int = FOR_EVER) -> None:
        self.asked, self.shows, self.lags = 0, shows, lags
        self.failure: Exception | None = None
        self._query = queries.replies_before
        monkeypatch.setattr(queries, "replies_before", self._replies_before)
        # Where it comes along, a slow machine must not decide; where it does not, nobody need wait.
        monkeypatch.setattr(models, "INDEX_TIMEOUT", 0.2 if lags == FOR_EVER else 60.0)

    async def _replies_before(self, parent_id: str, seq: int, *, limit: int) -> list[Entry]:
        self.asked += 1
        if self.failure and self.asked > 1:
            raise self.failure
        if self.asked > self.lags:
            return await self._query(parent_id, seq, limit=limit)
        found = await self._query(parent_id, seq, limit=1000)
        return [entry for entry in found if int(entry.reply_number or 0) <= self.shows][:limit]


async def say(person: Person, group_id: str, content: str, parent_id: str | None = None) -> dict[str, Any]:
    sent = await services.send_message(actor=person.actor, group_id=group_id, content=content, parent_id=parent_id)
    message: dict[str, Any] = sent["message"]
    return message


@pytest.fixture
async def root_id(alice: Person, group_id: str) -> str:
    """A message with three replies, with something else before and after each."""
    root = await say(alice, group_id, "root")
    for number in range(3):
        await say(alice, group_id, f"before {number}")
        await say(alice, group_id, f"reply {number}", root["id"])
    await say(alice, group_id, "last")
    root_id: str = root["id"]
    return root_id


REPLIES = [f"reply {number}" for number in range(3)]


def contents(thread: dict[str, Any]) -> list[str]:
    return [message["content"] for message in thread["messages"]]


# --- a thread's page -------------------------------------------------------------------------------------------------
async def test_a_thread_shows_every_reply_that_its_head_covers(
    bob: Person, root_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = LaggingIndex(monkeypatch, shows=2, lags=3)
    thread = await selectors.list_thread(actor=bob.actor, message_id=root_id)
    assert contents(thread) == REPLIES
    assert index.asked == 4


async def test_also_one_that_comes_while_the_page_is_made(
    alice: Person, bob: Person, group_id: str, root_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    position = groups.head_position

    async def position_after_a_reply(*, group_id: str) -> Position:
        await say(alice, group_id, "reply 3", root_id)
        return await position(group_id=group_id)

    LaggingIndex(monkeypatch, shows=3, lags=2)
    monkeypatch.setattr(groups, "head_position", position_after_a_reply)
    thread = await selectors.list_thread(actor=bob.actor, message_id=root_id)
    assert contents(thread) == [*REPLIES, "reply 3"]
    assert thread["messages"][-1]["seq"] == thread["head"]
    assert thread["root"]["replyCount"] == 4


@pytest.mark.parametrize("failure", [None, Unavailable()])
async def test_an_index_that_does_not_come_along_fails_no_page(
    bob: Person, root_id: str, monkeypatch: pytest.MonkeyPatch, failure: Exception | None
) -> None:
    index = LaggingIndex(monkeypatch, shows=2)
    index.failure = failure
    thread = await selectors.list_thread(actor=bob.actor, message_id=root_id)
    assert contents(thread) == REPLIES[:2]
    assert index.asked > 1


async def test_who_pages_back_waits_for_no_newer_reply(
    bob: Person, root_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = (await selectors.list_thread(actor=bob.actor, message_id=root_id))["messages"][-1]
    index = LaggingIndex(monkeypatch, shows=2)
    thread = await selectors.list_thread(actor=bob.actor, message_id=root_id, before=newest["seq"])
    assert contents(thread) == REPLIES[:2]
    assert index.asked == 1


# --- a thread's read mark --------------------------------------------------------------------------------------------
async def unread_at_each_seq(reader: Person, group_id: str, root_id: str) -> list[int]:
    """Move the mark forward through the whole log and return how many replies are unread at each place."""
    head = (await groups.head_position(group_id=group_id)).seq
    return [
        (await services.mark_read(actor=reader.actor, group_id=group_id, seq=seq, parent_id=root_id))["unread"]
        for seq in range(1, head + 1)
    ]


async def replies_after_each_seq(group_id: str, root_id: str) -> list[int]:
    entries = await queries.entries_after(group_id, 0)
    numbers = [int(entry.seq) for entry in entries if entry.parent_id == root_id]
    return [sum(number > seq for number in numbers) for seq in range(1, len(entries) + 1)]


@pytest.mark.parametrize("shows", range(4))
async def test_the_mark_counts_every_reply_up_to_it_and_none_after_it(
    bob: Person, group_id: str, root_id: str, monkeypatch: pytest.MonkeyPatch, shows: int
) -> None:
    expected = await replies_after_each_seq(group_id, root_id)
    LaggingIndex(monkeypatch, shows=shows)
    assert await unread_at_each_seq(bob, group_id, root_id) == expected
    assert (expected[0], expected[-1]) == (3, 0)


async def test_far_from_the_head_the_index_tells(
    bob: Person, group_id: str, root_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "_PAGE", 1)
    expected = await replies_after_each_seq(group_id, root_id)
    assert await unread_at_each_seq(bob, group_id, root_id) == expected


async def test_a_reply_that_comes_meanwhile_is_not_read(
    alice: Person, bob: Person, group_id: str, root_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    last_entry, coming = queries.last_entry, ["reply 3"]

    async def last_entry_before_a_reply(group_id: str) -> Entry | None:
        head = await last_entry(group_id)
        if coming:
            await say(alice, group_id, coming.pop(), root_id)
        return head

    LaggingIndex(monkeypatch, shows=2)
    monkeypatch.setattr(queries, "last_entry", last_entry_before_a_reply)
    mark = await services.mark_read(actor=bob.actor, group_id=group_id, seq=10**9, parent_id=root_id)
    assert mark["unread"] == 1
    read = await groups.read_mark(actor=bob.actor, group_id=group_id, parent_id=root_id)
    assert read.message_count == len(REPLIES)
