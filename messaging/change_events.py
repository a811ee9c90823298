"""From the entries of a log to the changes that members are told: the same live, on resume and in healing."""

from collections.abc import Iterable, Mapping

from foundation.ids import parse_message_id
from groups import selectors as groups
from groups.change_events import group_change, members_change
from groups.log import queries
from groups.log.entry import Entry
from realtime.hub.change import Change
from users import selectors as users

from .events import MessageDeleted, MessageEdited, MessageSent, Parent, ReactionsChanged
from .models import Message, message_of

PAGE = 250


def sent(entry: Entry, message: Message, parent: Parent | None) -> Change:
    return Change.of(MessageSent(message, parent), **_place(entry))


def edited(entry: Entry, message: Message) -> Change:
    return Change.of(MessageEdited(int(entry.seq), message), **_place(entry))


def deleted(entry: Entry, message: Message) -> Change:
    return Change.of(MessageDeleted(int(entry.seq), message), **_place(entry), erases=True)


def reacted(entry: Entry, message: Message) -> Change:
    event = ReactionsChanged(int(entry.seq), message, entry.user_id, entry.emoji or "", entry.action or "")
    return Change.of(event, **_place(entry))


def _place(entry: Entry) -> dict[str, int]:
    return {"seq": int(entry.seq), "message_count": int(entry.message_count)}


async def changes_after(group_id: str, after: int, *, limit: int = PAGE) -> list[Change]:
    """Return the changes that follow `after`, oldest first, with the present state of every message they touch."""
    entries = await queries.entries_after(group_id, after, limit=limit)
    touched = await _touched(group_id, entries)
    names = await _names(entries)
    group = await groups.find_group(group_id=group_id) if any(e.kind == "group" for e in entries) else None
    found = []
    for entry in entries:
        if entry.kind == "member":
            found.append(members_change(entry, names))
        elif entry.kind == "group" and group:
            found.append(group_change(entry, group))
        else:
            found.append(_message_change(entry, touched))
    return found


def _message_change(entry: Entry, touched: Mapping[int, Message]) -> Change:
    if entry.kind == "message":
        parent = None
        if entry.parent_id:
            place = parse_message_id(entry.parent_id)
            parent_message = touched[place[1]] if place else None
            parent = Parent(entry.parent_id, parent_message.reply_count if parent_message else 0)
        return sent(entry, message_of(entry), parent)
    message = touched[int(entry.target_seq or 0)]
    build = {"edit": edited, "delete": deleted, "reaction": reacted}[entry.kind]
    return build(entry, message)


async def _touched(group_id: str, entries: Iterable[Entry]) -> dict[int, Message]:
    """Return the messages that these entries change, as they are now, by seq."""
    seqs = set()
    for entry in entries:
        if entry.target_seq:
            seqs.add(int(entry.target_seq))
        elif entry.parent_id and (place := parse_message_id(entry.parent_id)):
            seqs.add(place[1])
    rows = await queries.get_entries((group_id, seq) for seq in sorted(seqs))
    return {seq: message_of(row) for (_, seq), row in rows.items()}


async def _names(entries: Iterable[Entry]) -> dict[str, str]:
    user_ids = {user_id for entry in entries if entry.kind == "member" for user_id in entry.roles or {}}
    if not user_ids:
        return {}
    known = await users.get_users(user_ids=list(user_ids))
    return {user_id: user.name for user_id, user in known.items()}
