"""Turns log entries into the changes that members get: the same live, after a resume, and when a gap is filled."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import orjson

from foundation.ids import parse_message_id
from foundation.slices import in_slices
from groups import selectors as groups
from groups.change_events import entry_position, group_change, members_change
from groups.log import queries
from groups.log.entry import Entry
from realtime.hub.change import Change
from users import selectors as users

from .events import MessageDeleted, MessageEdited, MessageSent, Parent, PinChanged, ReactionsChanged
from .models import Message

DEFAULT_LIMIT = 250


def sent_change(entry: Entry, message: Message, parent: Parent | None) -> Change:
    names_all = bool(entry.attribute_values.get("counts_for_all"))
    return Change.of(MessageSent(message, parent, names_all), **entry_position(entry))


def edited_change(entry: Entry, message: Message) -> Change:
    return Change.of(MessageEdited(int(entry.seq), message), **entry_position(entry), target=message.seq, rewrites=True)


def deleted_change(entry: Entry, message: Message) -> Change:
    return Change.of(
        MessageDeleted(int(entry.seq), message), **entry_position(entry), target=message.seq, rewrites=True
    )


def reaction_change(entry: Entry, message: Message) -> Change:
    event = ReactionsChanged(int(entry.seq), message, entry.user_id, entry.emoji or "", entry.action or "")
    return Change.of(event, **entry_position(entry), target=message.seq)


def pin_change(entry: Entry, message: Message) -> Change:
    event = PinChanged(int(entry.seq), message, entry.user_id, entry.action or "")
    return Change.of(event, **entry_position(entry), target=message.seq)


def rewritten(changes: Iterable[Change], latest: Change) -> list[Change]:
    """Return earlier changes of the message that `latest` edits or deletes, with the message as it is since then.

    So would a read of the log return them. Without decoding long texts for each: the message is inserted as JSON.
    """
    message = orjson.loads(latest.data)["message"]
    encoded = orjson.Fragment(orjson.dumps(message))
    return [replace(change, data=_rewritten_data(change, message, encoded)) for change in changes]


def _rewritten_data(change: Change, message: dict[str, Any], encoded: orjson.Fragment) -> bytes:
    match change.event:
        case MessageSent.name:
            sent = orjson.loads(change.data)
            kept = {name: sent[name] for name in ("parent", "namesAll") if name in sent}
            return orjson.dumps({**message, **kept} if kept else encoded)
        case MessageEdited.name:
            return orjson.dumps({"groupId": message["groupId"], "seq": change.seq, "message": encoded})
        case ReactionsChanged.name:
            return orjson.dumps({**orjson.loads(change.data), "reactions": message.get("reactions", [])})
        case PinChanged.name:
            data = orjson.loads(change.data)
            data.pop("pinned", None)
            return orjson.dumps(data | ({"pinned": message["pinned"]} if "pinned" in message else {}))
    raise ValueError(f"no {change.event} precedes a change of its message")


async def changes_after(group_id: str, after: int, *, limit: int = DEFAULT_LIMIT) -> list[Change]:
    """Return the changes that follow the seq `after`, oldest first, `limit` at most; checks no permission.

    Each carries the current state of the message that it changes, not the state at its time.
    """
    entries = await queries.entries_after(group_id, after, limit=limit)
    messages = await _changed_messages(group_id, entries)
    names = await _names(entries)
    group = await groups.find_group(group_id=group_id) if any(e.kind == "group" for e in entries) else None
    changes = []
    async for entry in in_slices(entries):
        if entry.kind == "member":
            changes.append(members_change(entry, names))
        elif entry.kind == "group" and group:
            changes.append(group_change(entry, group))
        else:
            changes.append(_message_change(entry, messages))
    return changes


_BUILD = {"edit": edited_change, "delete": deleted_change, "reaction": reaction_change, "pin": pin_change}


def _message_change(entry: Entry, messages: Mapping[int, Message]) -> Change:
    if entry.kind == "message":
        parent = None
        if entry.parent_id:
            key = parse_message_id(entry.parent_id)
            parent_message = messages[key[1]] if key else None
            parent = Parent(entry.parent_id, parent_message.reply_count if parent_message else 0)
        return sent_change(entry, Message.from_entry(entry), parent)
    message = messages[int(entry.target_seq or 0)]
    return _BUILD[entry.kind](entry, message)


async def _changed_messages(group_id: str, entries: Iterable[Entry]) -> dict[int, Message]:
    """Return the current state of the messages that these entries change, by seq; parents of replies included."""
    seqs = set()
    for entry in entries:
        if entry.target_seq:
            seqs.add(int(entry.target_seq))
        elif entry.parent_id and (key := parse_message_id(entry.parent_id)):
            seqs.add(key[1])
    rows = await queries.get_entries((group_id, seq) for seq in sorted(seqs))
    return {seq: Message.from_entry(row) for (_, seq), row in rows.items()}


async def _names(entries: Iterable[Entry]) -> dict[str, str]:
    user_ids = {user_id for entry in entries if entry.kind == "member" for user_id in entry.roles or {}}
    if not user_ids:
        return {}
    profiles = await users.get_users(user_ids=list(user_ids))
    return {user_id: profile.name for user_id, profile in profiles.items()}
