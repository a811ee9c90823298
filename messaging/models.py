"""A message as its group's log holds it, and the named queries that find messages."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from dynamodb import store
from dynamodb.rows import Item
from foundation.errors import Unavailable
from foundation.ids import message_id, parse_message_id
from groups.log import queries
from groups.log.entry import Entry
from groups.read_mark import ReadMark
from realtime.hub.change import Position

from .named import mentions_as_wire
from .reactions import by_emoji

# The most entries that one query of a page reads; DynamoDB ends a query after 1 MB, which is often sooner.
_MAX_ENTRIES_A_READ = 10_000
# Seconds: how long to wait for the thread index to catch up, and between two tries.
INDEX_TIMEOUT, _INDEX_RETRY_INTERVAL = 1.0, 0.05
# Greater than every seq.
PAST_END = 2**53


@dataclass(frozen=True, slots=True)
class Message:
    """A message's current state.

    `reactions` holds elements `"<emoji> <userId>"`, `emoji_order` the emoji in the order of their first use, as far as
    that is known; `attachments` FileReferences in wire form; times are ISO, in UTC.
    `mentions` has the ids of the members whom it names, `!` and the id of each team by which it does, `!all` or
    `!here`; where it names a team, `named_directly` has those whom it names by themselves; `named_later` has by
    time those whom an edit has named. A reply has a `parent_id`;
    `last_reply` is the seq of the last one of a thread, None where an older version wrote it; `reply_alls` of the
    replies named everybody when they were sent. `pinned` is {userId, createdAt}: who pinned it, and when. A deleted
    message has no content, attachments, reactions and mentions, and is not pinned.
    """

    group_id: str
    seq: int
    user_id: str
    content: str
    created_at: str
    version: int = 1
    updated_at: str | None = None
    parent_id: str | None = None
    reply_count: int = 0
    last_reply: int | None = None
    attachments: tuple[dict[str, Any], ...] = ()
    reactions: frozenset[str] = frozenset()
    emoji_order: tuple[str, ...] = ()
    deleted: bool = False
    client_id: str | None = None
    mentions: frozenset[str] = frozenset()
    pinned: Mapping[str, str] | None = None
    reply_alls: int = 0
    named_directly: frozenset[str] = frozenset()
    named_later: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def from_entry(cls, entry: Entry) -> "Message":
        """Return the message of an entry of kind `message`."""
        # Reading each value through PynamoDB's descriptors would cost more than decoding the whole item.
        value = entry.attribute_values.get
        return cls(
            group_id=value("group_id", ""),
            seq=value("seq", 0),
            user_id=value("user_id", ""),
            content=value("content") or "",
            created_at=value("created_at", ""),
            version=value("version") or 1,
            updated_at=value("updated_at"),
            parent_id=value("parent_id"),
            reply_count=value("reply_count") or 0,
            last_reply=value("last_reply"),
            attachments=tuple(value("attachments") or ()),
            reactions=frozenset(value("reactions") or ()),
            emoji_order=tuple((value("emoji_order") or "").split()),
            deleted=bool(value("deleted")),
            client_id=value("client_id"),
            mentions=frozenset(value("mentions") or ()),
            pinned=value("pinned"),
            reply_alls=int(value("reply_alls") or 0),
            named_directly=frozenset(value("named_directly") or ()),
            named_later=value("named_later") or {},
        )

    @property
    def id(self) -> str:
        return message_id(self.group_id, self.seq)

    @property
    def thread_end(self) -> Position:
        """The end of its thread as read marks count: the last reply, and how many there are."""
        return self.thread_end_at(PAST_END)

    def thread_end_at(self, head: int) -> Position:
        """Return the same for a log that had ended at `head` before this message was read: all up to there are counted.

        Where more replies have come since, the position is that of the last.
        """
        seq = max(head, self.last_reply or 0) if head < PAST_END else self.last_reply or PAST_END
        return Position(seq, self.reply_count, self.reply_alls)

    def as_wire(self) -> dict[str, Any]:
        """Return the message in wire form, without its empty optional fields."""
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
        if self.mentions:
            wire["mentions"] = mentions_as_wire(self.mentions, self.named_directly)
        # Most messages are sent out only once, when they are new.
        if self.version > 1 or self.updated_at or self.reply_count or self.reactions or self.deleted or self.pinned:
            wire |= self._history_fields()
        return wire

    def reactions_as_wire(self) -> list[dict[str, Any]]:
        """Return [{emoji, userIds, count}], in the order in which the emoji were first used."""
        return by_emoji(self.reactions, self.emoji_order)

    def _history_fields(self) -> dict[str, Any]:
        fields = {
            "updatedAt": self.updated_at,
            "replyCount": self.reply_count,
            "reactions": self.reactions_as_wire(),
            "edited": self.version > 1 and not self.deleted,
            "deleted": self.deleted,
            "pinned": self.pinned,
        }
        return {name: value for name, value in fields.items() if value}


# The attributes of a message that is no reply, has no files, and to which nothing has happened yet.
_PLAIN = {"groupId", "seq", "kind", "userId", "createdAt", "messages", "nonce", "content", "version"}
_MAYBE = {"clientId", "digest", "alls", "rules"}


def to_wire(item: Item) -> dict[str, Any]:
    """Return the wire form of a stored message. Most are plain: a page of them takes a quarter of the time."""
    if not _PLAIN <= item.keys() <= _PLAIN | _MAYBE or item["version"]["N"] != "1":
        return Message.from_entry(Entry.from_raw_data(item)).as_wire()
    group_id, seq = item["groupId"]["S"], int(item["seq"]["N"])
    wire: dict[str, Any] = {
        "id": message_id(group_id, seq),
        "content": item["content"]["S"],
        "userId": item["userId"]["S"],
        "groupId": group_id,
        "seq": seq,
        "createdAt": item["createdAt"]["S"],
        "version": 1,
    }
    if "clientId" in item:
        wire["clientId"] = item["clientId"]["S"]
    return wire


def reaction_element(emoji: str, user_id: str) -> str:
    """Return the element of a message's reaction set that stands for this user's reaction with this emoji."""
    return f"{emoji} {user_id}"


async def find_message(message_id: str) -> Entry | None:
    """Return the entry of the message with this id, or None when there is none; checks no permission."""
    key = parse_message_id(message_id)
    entry = await queries.get_entry(*key) if key else None
    return entry if entry and entry.kind == "message" else None


async def list_newest_top_level(group_id: str, *, limit: int) -> tuple[list[dict[str, Any]], int]:
    """Return the newest top-level messages, newest first, `limit` at most, in wire form, and the seq of the log's end.

    One query mostly finds both: among a quarter more entries than are needed. The seq is 0 where there is no log.
    """
    items, start = await store.call(_read_entries, group_id, None, None, limit + limit // 4)
    top_level = (item for item in items if item["kind"]["S"] == "message" and "parentId" not in item)
    messages = [to_wire(item) for item in islice(top_level, limit)]
    if start is not None and len(messages) < limit:
        last = int(items[-1]["seq"]["N"])
        messages += await list_top_level_before(group_id, last, limit=limit - len(messages))
    return messages, int(items[0]["seq"]["N"]) if items else 0


async def list_top_level_before(group_id: str, before: int, *, limit: int) -> list[dict[str, Any]]:
    """Return the newest top-level messages before the seq `before`, newest first, `limit` at most, in wire form.

    Thousands of other entries may lie between two of them. Each query therefore reads more entries than the one before,
    and is a call of its own, so that no call runs into the store's time-out.
    """
    messages: list[dict[str, Any]] = []
    start, entries = None, max(2 * limit, 100)
    top_level = (Entry.kind == "message") & Entry.parent_id.does_not_exist()
    while True:
        items, start = await store.call(_read_entries, group_id, before, start, entries, top_level)
        messages += map(to_wire, items[: limit - len(messages)])
        if start is None or len(messages) == limit:
            return messages
        entries = min(10 * entries, _MAX_ENTRIES_A_READ)


def _read_entries(
    group_id: str, before: int | None, start: Item | None, entries: int, condition: Any = None
) -> tuple[list[Item], Item | None]:
    """Query `entries` entries; return the items of those that are as the condition says, and the key to go on from."""
    pages = Entry.query(
        group_id,
        None if before is None else Entry.seq < before,
        filter_condition=condition,
        scan_index_forward=False,
        consistent_read=True,
        page_size=entries,
        last_evaluated_key=start,
    ).page_iter
    return next(pages)["Items"], pages.last_evaluated_key


async def list_replies_before(parent_id: str, before: int, *, limit: int) -> list[Message]:
    """Return the newest replies of a message whose seq is less than `before`, newest first, as the index has them."""
    return [Message.from_entry(entry) for entry in await queries.replies_before(parent_id, before, limit=limit)]


async def list_replies_after(parent_id: str, after: int, *, limit: int) -> list[Message]:
    """Return the oldest replies of a message after the seq `after`, `limit` at most, as the index has them."""
    return [Message.from_entry(entry) for entry in await queries.replies_after(parent_id, after, limit=limit)]


async def list_newest_replies(root: Message, *, limit: int) -> list[Message]:
    """Return the newest replies of `root`, newest first, `limit` at most.

    Waits up to a second for the thread index to list the last of the replies that `root` counts, then returns what the
    index has.
    """
    replies = await queries.replies_before(root.id, PAST_END, limit=limit)
    deadline = time.monotonic() + INDEX_TIMEOUT
    while _number_of_newest(replies) < root.reply_count and time.monotonic() < deadline:
        await asyncio.sleep(_INDEX_RETRY_INTERVAL)
        # If this fails, the former result will do.
        with suppress(Unavailable):
            replies = await queries.replies_before(root.id, PAST_END, limit=limit)
    return [Message.from_entry(entry) for entry in replies]


async def mark_in_thread(root: Message, seq: int) -> ReadMark:
    """Return the mark of who has read a thread up to `seq`, an entry that is not newer than `root` was read.

    The index alone is not enough to count the replies up to there: it may lack one that was just read, and a read mark,
    which only moves forward, could not be corrected at the same seq. Replies are numbered without a hole, so the number
    of the reply at `seq`, or of the first one after it, gives the count.
    """
    entry = await queries.get_entry(root.group_id, seq)
    if entry and entry.parent_id == root.id:
        return _mark_at(entry, seq)
    newest = next(iter(await queries.replies_before(root.id, seq + 1, limit=1)), None)
    indexed = _mark_at(newest, seq) if newest else ReadMark(seq)
    if indexed.message_count >= root.reply_count:
        return indexed
    # Either the other replies lie after `seq`, or the index lags: the log shows which. If the log has too many entries
    # after `seq` to search, the index has caught up there long ago.
    later, complete = await queries.first_reply_after(root.group_id, seq, root.id)
    if later:
        return mark_before_reply(later, seq)
    return ReadMark(seq, root.reply_count, root.reply_alls) if complete else indexed


def mark_before_reply(reply: Entry, seq: int) -> ReadMark:
    """Return the mark at `seq` of who has read a thread up to the reply before this one."""
    mark = _mark_at(reply, seq)
    return ReadMark(seq, mark.message_count - 1, (mark.all_count or 0) - bool(reply.counts_for_all))


def _mark_at(reply: Entry, seq: int) -> ReadMark:
    return ReadMark(seq, int(reply.reply_number or 0), int(reply.reply_alls or 0))


def _number_of_newest(newest_first: Sequence[Entry]) -> int:
    return int(newest_first[0].reply_number or 0) if newest_first else 0
