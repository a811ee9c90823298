"""Reads of a person's inbox: what there is of groups that they are in, newest first, and what of that is unread.

An item is read when its user has read it in the inbox, or when their read mark has reached what made it: the mark of
the thread for what was said in a thread, that of the group for what was said there. A reaction is read in the inbox
alone, and so is a reminder. Of a message that names somebody in a thread that they follow there is one item, the
mention.
"""

import asyncio
from collections.abc import Iterable
from typing import Any, NamedTuple

from foundation.cursors import encode_cursor
from foundation.ids import message_id
from foundation.limits import bucket
from groups import selectors as groups
from groups.log import queries
from groups.read_mark import MarkKey
from messaging import reading_budget
from messaging.models import Message
from messaging.threads import rows as threads
from messaging.threads.rows import ThreadKey
from users.actor import Actor

from . import rows
from .rows import MAX_ITEMS, MENTION, REMINDER, REPLY, Item, ItemKey

Wire = dict[str, Any]

MAX_PAGE = 100
# What reading one item counts, of what a user may read: all are read for each page, and for the count.
_KB_AN_ITEM = 0.1


class ShownItem(NamedTuple):
    """An item that its user may see, and whether it is unread."""

    item: Item
    is_unread: bool


async def list_inbox(
    *, actor: Actor, cursor: tuple[str, str] | None = None, limit: int = 30, kind: str | None = None
) -> Wire:
    """Return a page of the actor's inbox, or of one kind of its items, newest first, with the messages as they are now.

    {"items": [{"id", "kind", "at", "unread", "group", "message", "userId", "emoji"?}], "unread": how many there are of
    all, "nextCursor"?}. Raises `RateLimited`, `Unavailable`.
    """
    bucket.require("history", actor.user_id)
    shown = await list_shown(actor=actor)
    bucket.charge("history", actor.user_id, len(shown) * _KB_AN_ITEM)
    wanted = [each for each in shown if kind is None or each.item.kind == kind]
    rest = [each for each in wanted if cursor is None or _place(each) < cursor]
    page = rest[:limit]
    answer: Wire = {"items": await _with_messages(actor, page), "unread": sum(each.is_unread for each in shown)}
    return {**answer, "nextCursor": encode_cursor(*_place(page[-1]))} if len(rest) > limit else answer


async def count_unread(*, actor: Actor) -> int:
    """Return how many items of the actor's inbox are unread."""
    return sum(each.is_unread for each in await list_shown(actor=actor))


async def list_shown(*, actor: Actor) -> list[ShownItem]:
    """Return what the actor may see of their inbox, newest first, MAX_ITEMS at most."""
    items = await rows.list_items(actor.user_id)
    if not items:
        return []
    # By the items' keys: a row may be one of five hundred, and hashing whole items would take most of the time.
    mark_keys = {item.key: _mark_key(item) for item in items if item.kind in (MENTION, REPLY) and not item.is_read}
    thread_keys = {item.key: _thread_key(item) for item in items if item.kind == REPLY}
    ids, marks, followings, gone = await asyncio.gather(
        groups.list_group_ids(user_id=actor.user_id),
        groups.find_read_marks(keys=set(mark_keys.values())),
        threads.find(set(thread_keys.values())),
        _without_message(items),
    )
    began = {key: following.began for key, following in followings.items()}

    def is_news(item: Item) -> bool:
        since = began[thread_keys[item.key]]
        return since is not None and since < item.key.seq

    def is_unread(item: Item) -> bool:
        key = mark_keys.get(item.key)
        return not item.is_read and (key is None or marks[key].seq < item.made_by)

    there = [item for item in items if item.key.group_id in ids and item.key not in gone]
    here = [item for item in there if item.kind != REPLY or is_news(item)]
    return sorted((ShownItem(item, is_unread(item)) for item in _once(here)), key=_place, reverse=True)[:MAX_ITEMS]


async def _without_message(items: Iterable[Item]) -> set[ItemKey]:
    """Return the keys of reminders of messages that are deleted: their deletion does not know who has reminders."""
    keys = [item.key for item in items if item.kind == REMINDER]
    entries = await queries.get_entries((key.group_id, key.seq) for key in keys)
    there = {place for place, entry in entries.items() if not entry.deleted}
    return {key for key in keys if (key.group_id, key.seq) not in there}


def _mark_key(item: Item) -> MarkKey:
    user_id, group_id, _, _ = item.key
    parent_id = message_id(group_id, item.parent_seq) if item.parent_seq else None
    return MarkKey(user_id, group_id, parent_id)


def _thread_key(item: Item) -> ThreadKey:
    return ThreadKey(item.key.user_id, item.key.group_id, item.parent_seq or 0)


def _once(items: list[Item]) -> Iterable[Item]:
    named = {item.id for item in items if item.kind == MENTION}
    return (item for item in items if item.kind != REPLY or item.id not in named)


def _place(shown: ShownItem) -> tuple[str, str]:
    return shown.item.at, shown.item.id


async def _with_messages(actor: Actor, page: list[ShownItem]) -> list[Wire]:
    """Return items in wire form; one whose message does not say it any more is about to be taken out."""
    names = await groups.list_names(actor=actor, group_ids={each.item.key.group_id for each in page})
    keys = [(each.item.key.group_id, each.item.key.seq) for each in page]
    entries = await queries.get_entries(key for key in keys if key[0] in names)
    wires = []
    for (item, is_unread), key in zip(page, keys, strict=True):
        entry = entries.get(key)
        if entry and rows.is_said(entry, item):
            wires.append(_wire(item, Message.from_entry(entry), names[item.key.group_id], is_unread=is_unread))
    reading_budget.charge(actor, [wire["message"] for wire in wires])
    return wires


def _wire(item: Item, message: Message, group: dict[str, str], *, is_unread: bool) -> Wire:
    wire: Wire = {"id": item.id, "kind": item.kind, "at": item.at, "unread": is_unread, "group": group}
    by = item.key.user_id if item.kind == REMINDER else item.actor_id or message.user_id
    wire |= {"message": message.as_wire(), "userId": by}
    return {**wire, "emoji": item.emoji} if item.emoji else wire
