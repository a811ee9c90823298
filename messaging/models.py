"""A message as it stands in its group's log, and the named queries that find messages."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from dynamodb import store
from dynamodb.rows import Item
from foundation.errors import Unavailable
from foundation.ids import message_id, parse_message_id
from groups.log import queries
from groups.log.entry import Entry

# How many entries one look back takes in at most; the store stops after 1 MB of them, which is often sooner.
_FURTHEST = 10_000
# How long the thread index is given to come along, and how long it is left alone in between.
_INDEX_PATIENCE, _INDEX_PAUSE = 1.0, 0.05
# Past every seq.
END = 2**53


@dataclass(frozen=True, slots=True)
class Message:
    """A message's present state; `reactions` holds `"<emoji> <userId>"`, `attachments` holds wire FileReferences."""

    group_id: str
    seq: int
    user_id: str
    content: str
    created_at: str
    version: int = 1
    updated_at: str | None = None
    parent_id: str | None = None
    reply_count: int = 0
    attachments: tuple[dict[str, Any], ...] = ()
    reactions: frozenset[str] = frozenset()
    deleted: bool = False
    client_id: str | None = None

    @property
    def id(self) -> str:
        return message_id(self.group_id, self.seq)

    def as_wire(self) -> dict[str, Any]:
        """Return the Message of the wire; what has nothing to say is left out."""
        wire: dict[str, Any] = {
            "id": self.id,
            "content": self.content,
            "userId": self.user_id,
            "groupId": self.group_id,
            "seq": self.seq,
            "createdAt": self.created_at,
            "version": self.version,
        }
        if self.client_id:
            wire["clientId"] = self.client_id
        if self.parent_id:
            wire["parentId"] = self.parent_id
        if self.attachments:
            wire["attachments"] = list(self.attachments)
        # Most are told when they are new.
        if self.version > 1 or self.updated_at or self.reply_count or self.reactions or self.deleted:
            wire |= self._what_happened()
        return wire

    def _what_happened(self) -> dict[str, Any]:
        happened = {
            "updatedAt": self.updated_at,
            "replyCount": self.reply_count,
            "reactions": grouped(self.reactions),
            "edited": self.version > 1 and not self.deleted,
            "deleted": self.deleted,
        }
        return {name: value for name, value in happened.items() if value}


def reaction(emoji: str, user_id: str) -> str:
    """Return the element of a message's reaction set: one user reacts with one emoji once."""
    return f"{emoji} {user_id}"


def emojis(reactions: Iterable[str]) -> set[str]:
    return {element.partition(" ")[0] for element in reactions}


def grouped(reactions: Iterable[str]) -> list[dict[str, Any]]:
    """Return [{emoji, userIds, count}], sorted, so that the same set always looks the same."""
    by_emoji: dict[str, list[str]] = {}
    for element in sorted(reactions):
        emoji, _, user_id = element.partition(" ")
        by_emoji.setdefault(emoji, []).append(user_id)
    return [{"emoji": emoji, "userIds": who, "count": len(who)} for emoji, who in by_emoji.items()]


def message_of(entry: Entry) -> Message:
    """Return the message that this entry is."""
    # One by one through PynamoDB's attributes, these reads would cost more than reading the item itself.
    value = entry.attribute_values.get
    return Message(
        group_id=entry.group_id,
        seq=int(entry.seq),
        user_id=value("user_id", ""),
        content=value("content") or "",
        created_at=value("created_at", ""),
        version=int(value("version") or 1),
        updated_at=value("updated_at"),
        parent_id=value("parent_id"),
        reply_count=int(value("reply_count") or 0),
        attachments=tuple(value("attachments") or ()),
        reactions=frozenset(value("reactions") or ()),
        deleted=bool(value("deleted")),
        client_id=value("client_id"),
    )


async def find_message(message_ref: str) -> Entry | None:
    """Return the entry of the message with this id, or None."""
    place = parse_message_id(message_ref)
    entry = await queries.get_entry(*place) if place else None
    return entry if entry and entry.kind == "message" else None


async def page_before(group_id: str, before: int, *, limit: int) -> list[Message]:
    """Return the newest top-level messages that precede `before`, newest first.

    Thousands of other entries may lie between two of them. So each look goes further back than the one before, and is
    a call of its own: a long way takes its time, but none of its calls runs out of it.
    """
    found: list[Message] = []
    start, entries = None, max(2 * limit, 100)
    while True:
        items, start = await store.call(_look_back, group_id, before, start, entries)
        found += [message_of(Entry.from_raw_data(item)) for item in items[: limit - len(found)]]
        if start is None or len(found) == limit:
            return found
        entries = min(10 * entries, _FURTHEST)


def _look_back(group_id: str, before: int, start: Item | None, entries: int) -> tuple[list[Item], Item | None]:
    """Return the top-level messages among so many entries, and the key from where to look next, if there is more."""
    top_level = (Entry.kind == "message") & Entry.parent_id.does_not_exist()
    pages = Entry.query(
        group_id,
        Entry.seq < before,
        filter_condition=top_level,
        scan_index_forward=False,
        consistent_read=True,
        page_size=entries,
        last_evaluated_key=start,
    ).page_iter
    return next(pages)["Items"], pages.last_evaluated_key


async def replies_before(parent_id: str, before: int, *, limit: int) -> list[Message]:
    """Return the newest replies of a message that precede `before`, newest first."""
    return [message_of(entry) for entry in await queries.replies_before(parent_id, before, limit=limit)]


async def newest_replies(root: Message, *, limit: int) -> list[Message]:
    """Return the newest replies of a message, newest first: as many as `root` counts, once the index has the last.

    That takes it moments; if it takes longer, what it has must do.
    """
    found = await queries.replies_before(root.id, END, limit=limit)
    until = time.monotonic() + _INDEX_PATIENCE
    while _number_of_newest(found) < root.reply_count and time.monotonic() < until:
        await asyncio.sleep(_INDEX_PAUSE)
        # There is an answer already.
        with suppress(Unavailable):
            found = await queries.replies_before(root.id, END, limit=limit)
    return [message_of(entry) for entry in found]


async def replies_through(root: Message, seq: int) -> int:
    """Return how many replies of a message lie at or before `seq`, which was there when `root` was read.

    The index alone would not do: who reads a new reply at once would keep it unread, for a read mark does not come back
    to the same place. Replies are numbered without a hole, so that the one at `seq` or the first one after it tells.
    """
    entry = await queries.get_entry(root.group_id, seq)
    if entry and entry.parent_id == root.id:
        return int(entry.reply_number or 0)
    known = _number_of_newest(await queries.replies_before(root.id, seq + 1, limit=1))
    if known >= root.reply_count:
        return known
    # Either the rest lies after `seq`, or the index lags: the log says which. Far back, the index has long come along.
    later, looked_at_all = await queries.first_reply_after(root.group_id, seq, root.id)
    if later:
        return int(later.reply_number or 0) - 1
    return root.reply_count if looked_at_all else known


def _number_of_newest(newest_first: Sequence[Entry]) -> int:
    return int(newest_first[0].reply_number or 0) if newest_first else 0
