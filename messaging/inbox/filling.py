"""Which items the entries of a log put into people's inboxes, and take out again.

An item exists while its message says so: while it names the person, is not deleted, has the reaction. Each write is
conditional on that, so that whoever handles an entry late, or twice, brings nothing back.
"""

import asyncio
import random
from collections.abc import Callable, Iterable
from functools import partial

from dynamodb import store
from foundation.backoff import backoff
from foundation.errors import Unavailable
from groups import models as groups
from groups.log import queries
from groups.log.entry import Entry, user_ids_of
from messaging.log_batch import LogBatch, root_seq
from messaging.named import first_named_by
from messaging.threads import rows as threads
from messaging.threads.automatic import Changes

from . import rows
from .rows import MENTION, REPLY, Item, ItemKey

_ATTEMPTS = 8
# Seconds between attempts.
_BACKOFF_BASE, _BACKOFF_CAP = 0.01, 0.1
# One in so many items has its inbox trimmed: that is how much more than is kept there may be, about.
_TRIM_EVERY = 50
# The items that an entry makes, of a message as it is.
_Rule = Callable[[Entry], list[Item]]


async def fill(batch: LogBatch, followings: Changes, *, read_before: str = "") -> tuple[list[Item], list[ItemKey]]:
    """Write what the entries put into inboxes, in their order; return what was added, and what was taken out.

    Items of entries before the time `read_before` are written as read.
    """
    added, removed = list[Item](), list[ItemKey]()
    for entry in batch.entries:
        message = batch.message_of(entry)
        if message is None or entry.kind == "member":
            continue
        add = partial(_add, message, is_read=entry.created_at < read_before)
        match entry.kind:
            case "message":
                added += await add(partial(_of_message, batch, entry, followings))
            case "edit":
                added += await add(partial(_mentions, batch, entry))
                removed += await _take_back([_mention(entry, message, user_id) for user_id in entry.unnamed or ()])
            case "reaction" if message.user_id != entry.user_id:
                item = _reaction(entry, message)
                if entry.action != "add":
                    removed += await _take_back([item])
                elif batch.reaches(entry, message.user_id):
                    added += await add(partial(_if_said, item))
            case "delete":
                removed += await _delete_all(entry, message)
    for user_id in {item.key.user_id for item in added if random.randrange(_TRIM_EVERY) == 0}:  # noqa: S311
        await rows.trim(user_id)
    return added, removed


# --- items of an entry -----------------------------------------------------------------------------------------------
def _of_message(batch: LogBatch, by: Entry, followings: Changes, message: Entry) -> list[Item]:
    return [*_mentions(batch, by, message), *_replies(batch, by, followings)]


def _mentions(batch: LogBatch, by: Entry, message: Entry) -> list[Item]:
    """Return the items of those whom an entry names and the message still names: its own, or those of an edit."""
    named = first_named_by(message) if by.kind == "message" else user_ids_of(by.mentions or ())
    still = user_ids_of(message.mentions or ())
    reached = filter(partial(batch.reaches, by), named & still - {message.user_id})
    return [_mention(by, message, user_id) for user_id in sorted(reached)]


def _mention(by: Entry, message: Entry, user_id: str) -> Item:
    return _item(by, message, user_id, MENTION)


def _replies(batch: LogBatch, reply: Entry, followings: Changes) -> list[Item]:
    """Return the items of those who followed the thread before the reply."""
    if not reply.parent_id:
        return []
    root, seq = root_seq(reply), int(reply.seq)
    followed = [key.user_id for key, (_, now) in followings.items() if key.root_seq == root and _before(now.began, seq)]
    reached = filter(partial(batch.reaches, reply), set(followed) - {reply.user_id})
    return [_item(reply, reply, user_id, REPLY) for user_id in sorted(reached)]


def _before(began: int | None, seq: int) -> bool:
    return began is not None and began < seq


def _item(by: Entry, message: Entry, user_id: str, what: str) -> Item:
    key = ItemKey(user_id, message.group_id, int(message.seq), what)
    return Item(key, int(by.seq), by.created_at, _parent_seq(message))


def _reaction(by: Entry, message: Entry) -> Item:
    who, emoji, seq = by.user_id, by.emoji or "", int(message.seq)
    key = rows.reaction_key(message.user_id, message.group_id, seq, actor_id=who, emoji=emoji)
    return Item(key, int(by.seq), by.created_at, _parent_seq(message), actor_id=who, emoji=emoji)


def _parent_seq(message: Entry) -> int | None:
    return root_seq(message) if message.parent_id else None


def _if_said(item: Item, message: Entry) -> list[Item]:
    return [item] if rows.is_said(message, item) else []


# --- writing ---------------------------------------------------------------------------------------------------------
async def _add(message: Entry, rule: _Rule, *, is_read: bool) -> list[Item]:
    """Write the items of a message that are not there yet, read or not; return them."""
    added: list[Item] = []
    items = _kept(message, rule)
    for delay in backoff(_ATTEMPTS, base=_BACKOFF_BASE, cap=_BACKOFF_CAP):
        while items:
            chunk = items[: rows.MAX_ITEMS_A_WRITE]
            try:
                await rows.put(chunk, is_read=is_read)
            except store.ConditionFailed:
                break
            added += chunk
            items = items[len(chunk) :]
        if not items:
            return added
        await asyncio.sleep(delay)
        items = await _missing(message, rule)
    raise Unavailable


def _kept(message: Entry, rule: _Rule) -> list[Item]:
    return [] if message.deleted else [item for item in rule(message) if rows.is_kept(item.at)]


async def _missing(message: Entry, rule: _Rule) -> list[Item]:
    """Return the items that a message has by now, and that nobody has written."""
    now = await queries.get_entry(message.group_id, int(message.seq))
    if now is None or await groups.find_group(message.group_id) is None:
        return []
    items = _kept(now, rule)
    there = await rows.find(item.key for item in items)
    return [item for item in items if item.key not in there or there[item.key].made_by < item.made_by]


async def _take_back(items: Iterable[Item]) -> list[ItemKey]:
    """Delete those of these items that an earlier entry has made, if their message does not say it any more."""
    by_key = {item.key: item for item in items}
    removed: list[ItemKey] = []
    for key, there in (await rows.find(by_key)).items():
        if there.made_by < by_key[key].made_by and await _try_to_take_back(there):
            removed.append(key)
    return removed


async def _try_to_take_back(item: Item) -> bool:
    for delay in backoff(_ATTEMPTS, base=_BACKOFF_BASE, cap=_BACKOFF_CAP):
        try:
            await rows.take_back(item)
        except store.ConditionFailed:
            # Made anew, or said again: then the entry that has done it is handled too.
            message = await queries.get_entry(item.key.group_id, item.key.seq)
            there = (await rows.find([item.key])).get(item.key)
            if there is None or there.made_by != item.made_by or message is None or rows.is_said(message, item):
                return False
            await asyncio.sleep(delay)
        else:
            return True
    raise Unavailable


async def _delete_all(deletion: Entry, message: Entry) -> list[ItemKey]:
    """Delete all items about a deleted message; nothing makes one again."""
    group_id, seq = message.group_id, int(message.seq)
    users = {user_id: [MENTION] for user_id in deletion.unnamed or ()}
    if message.parent_id:
        for key in await threads.list_keys(group_id, root_seq(message)):
            users.setdefault(key.user_id, []).append(REPLY)
    keys = [ItemKey(user_id, group_id, seq, what) for user_id, kinds in users.items() for what in kinds]
    there = [*(await rows.find(keys)), *(item.key for item in await rows.list_items(message.user_id, group_id, seq))]
    await rows.delete(there)
    return there
