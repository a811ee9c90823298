"""The rows of people's inboxes, and their queries; all reads are strongly consistent.

`inbox#<groupId>#<seq of the message>#<what>` in a user's partition of the Users table; `what` is `mention`, `reply`,
`reminder`, or a hash of who reacted with which emoji. So whoever makes an item twice makes the same row. `seq` is that
of the entry that has made it (of a reminder, its time), `created_at` the time of that, `read_at` when its user has read
it. Of a group's partition `inbox#<userId>` says that this user has, or had, items of the group. Each query raises what
`store.call` raises.
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import NamedTuple

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from dynamodb import store
from foundation.ids import message_id, now
from groups.item_pages import delete_items, item_pages
from groups.log.entry import Entry
from groups.rows import GroupRow
from messaging.models import reaction_element
from users.models import UserRow, load
from users.own_rows import list_own_rows

MENTION, REPLY, REACTION, REMINDER = KINDS = ("mention", "reply", "reaction", "reminder")
# Of a message there is one of each of these; of reactions there are several.
_SINGLE = (MENTION, REPLY, REMINDER)
# An item is kept for so long, and of one user so many, the newest.
KEPT_SECONDS, MAX_ITEMS = 90 * 24 * 3600, 500
# A transaction takes a hundred rows; two are what it is conditional on, and each item is two.
MAX_ITEMS_A_WRITE = 49
_PREFIX = "inbox#"


class ItemKey(NamedTuple):
    """Whose item it is, about which message, and `what`."""

    user_id: str
    group_id: str
    seq: int
    what: str

    @property
    def item(self) -> str:
        return f"{_PREFIX}{self.group_id}#{self.seq}#{self.what}"


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a user's inbox.

    `made_by` is the seq of the entry that has made it, of a reminder when it was planned for, in milliseconds since
    1970; `at` is the time when it was made, ISO, in UTC. A message in a thread has the `parent_seq`. Of a reaction,
    `actor_id` and `emoji` say which.
    """

    key: ItemKey
    made_by: int
    at: str
    parent_seq: int | None = None
    actor_id: str | None = None
    emoji: str | None = None
    is_read: bool = False

    @property
    def kind(self) -> str:
        return self.key.what if self.key.what in _SINGLE else REACTION

    @property
    def id(self) -> str:
        return item_id(self.key)


def item_id(key: ItemKey) -> str:
    """Return the id by which clients know an item: that of the message, and for a reaction also which."""
    about = message_id(key.group_id, key.seq)
    return about if key.what in (MENTION, REPLY) else f"{about}.{key.what}"


def reaction_key(user_id: str, group_id: str, seq: int, *, actor_id: str, emoji: str) -> ItemKey:
    digest = hashlib.sha256(reaction_element(emoji, actor_id).encode()).hexdigest()[:16]
    return ItemKey(user_id, group_id, seq, digest)


def _row(key: ItemKey) -> UserRow:
    return UserRow(key.user_id, key.item)


def _to_item(row: UserRow) -> Item:
    _, group_id, seq, what = row.item.split("#", 3)
    value = row.attribute_values.get
    return Item(
        ItemKey(row.user_id, group_id, int(seq), what),
        made_by=value("seq") or 0,
        at=value("created_at") or "",
        parent_seq=value("parent_seq"),
        actor_id=value("actor_id"),
        emoji=value("emoji"),
        is_read=value("read_at") is not None,
    )


# --- reads -----------------------------------------------------------------------------------------------------------
async def list_items(user_id: str, group_id: str = "", seq: int | None = None) -> list[Item]:
    """Return a user's items, or those about a group, or about a message, but those that have expired."""
    prefix = _PREFIX + (f"{group_id}#" if group_id else "") + (f"{seq}#" if seq else "")
    moment = time.time()
    return [_to_item(row) for row in await list_own_rows(user_id, prefix) if (row.expires_at or moment + 1) > moment]


async def find(keys: Iterable[ItemKey]) -> dict[ItemKey, Item]:
    """Return those of these items that exist, a hundred in one `BatchGetItem`."""
    found = await load((key.user_id, key.item) for key in keys)
    return {item.key: item for item in map(_to_item, found.values())}


# --- writes ----------------------------------------------------------------------------------------------------------
def is_kept(at: str) -> bool:
    """Return whether an item of this time is still kept."""
    return _expiry(at) > time.time()


def _expiry(at: str) -> int:
    return int(datetime.fromisoformat(at).timestamp()) + KEPT_SECONDS


async def put(
    items: Sequence[Item], *, is_read: bool = False, also: Callable[[TransactWrite], None] | None = None
) -> None:
    """Write items about one message, MAX_ITEMS_A_WRITE at most, if the message still says what makes them.

    `also` adds to the transaction what must change with them. Raises `ConditionFailed` if it does not, if the group is
    deleted, and if an item was made by the same or a later entry before.
    """
    group_id, seq = items[0].key.group_id, items[0].key.seq

    def write_rows() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            transaction.condition_check(Entry, group_id, seq, condition=_says(items))
            # A group that is being erased has lost this row before anything else.
            transaction.condition_check(GroupRow, group_id, "group", condition=GroupRow.kind.exists())
            for user_id in {item.key.user_id for item in items}:
                transaction.save(GroupRow(group_id, f"{_PREFIX}{user_id}"))
            for item in items:
                _write(transaction, item, is_read=is_read)
            if also:
                also(transaction)

    await store.call(write_rows)


def is_said(message: Entry, item: Item) -> bool:
    """Return whether a message as it is still says what makes the item."""
    if message.deleted:
        return False
    if item.kind == MENTION:
        return item.key.user_id in (message.mentions or ())
    return item.kind in (REPLY, REMINDER) or reaction_element(item.emoji or "", item.actor_id or "") in (
        message.reactions or ()
    )


def _says(items: Iterable[Item]) -> Condition:
    """Return the condition on a message's entry under which these items exist."""
    conditions = [condition for item in items if (condition := _cause(item)) is not None]
    return reduce(lambda all_, one: all_ & one, conditions, Entry.deleted.does_not_exist())


def _cause(item: Item) -> Condition | None:
    if item.kind == MENTION:
        return Entry.mentions.contains(item.key.user_id)
    if item.kind == REACTION:
        return Entry.reactions.contains(reaction_element(item.emoji or "", item.actor_id or ""))
    return None


def _write(transaction: TransactWrite, item: Item, *, is_read: bool) -> None:
    actions: list[Action] = [
        UserRow.seq.set(item.made_by),
        UserRow.created_at.set(item.at),
        UserRow.expires_at.set(_expiry(item.at)),
        UserRow.read_at.set(item.at) if is_read else UserRow.read_at.remove(),
    ]
    if item.parent_seq is not None:
        actions.append(UserRow.parent_seq.set(item.parent_seq))
    if item.actor_id and item.emoji:
        actions += [UserRow.actor_id.set(item.actor_id), UserRow.emoji.set(item.emoji)]
    is_new = UserRow.seq.does_not_exist() | (UserRow.seq < item.made_by)
    transaction.update(_row(item.key), actions=actions, condition=is_new)


async def take_back(item: Item) -> None:
    """Delete an item if the message no longer says what made it, and nothing has made it anew.

    Raises `ConditionFailed`.
    """
    key = item.key

    def write_rows() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            cause = _cause(item)
            if cause is not None:
                transaction.condition_check(Entry, key.group_id, key.seq, condition=~cause)
            transaction.delete(_row(key), condition=UserRow.seq == item.made_by)

    await store.call(write_rows)


async def delete(keys: Iterable[ItemKey]) -> None:
    """Delete items for good: those of a deleted message, which nothing makes anew, and what is more than is kept."""
    rows = [_row(key) for key in keys]

    def batch() -> None:
        with UserRow.batch_write() as writing:
            for row in rows:
                writing.delete(row)

    if rows:
        await store.call(batch)


async def mark_read(item: Item) -> bool:
    """Mark an item as read; return whether it was there, unread and made by the same entry."""
    condition = (UserRow.seq == item.made_by) & UserRow.read_at.does_not_exist()
    try:
        await store.call(_row(item.key).update, [UserRow.read_at.set(now())], condition)
    except store.ConditionFailed:
        return False
    return True


async def trim(user_id: str) -> None:
    """Delete the oldest of a user's items that are more than is kept."""
    newest_first = sorted(await list_items(user_id), key=lambda item: (item.at, item.id), reverse=True)
    await delete(item.key for item in newest_first[MAX_ITEMS:])


async def forget(group_id: str) -> None:
    """Delete all items about a group that is being deleted; goes on where a call before has ended."""
    async for page in item_pages(group_id, _PREFIX):
        for item in page:
            user_id = item.removeprefix(_PREFIX)
            await delete(about.key for about in await list_items(user_id, group_id))
        await delete_items(group_id, page)
