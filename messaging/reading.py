"""What is answered, and told to a user's other devices, when one of their read marks was moved."""

from typing import Any

from groups.mark_alls import find_unknown
from groups.read_mark import MarkKey, ReadMark
from realtime.hub.change import Position
from users.events import UserUpdated
from users.updates import user_updates

from .open_threads import open_threads


async def state_of(key: MarkKey, mark: ReadMark, head: Position) -> dict[str, Any]:
    """Return {"read", "unread", "mentions", "all", "head", "version"}: what is unread at `head`.

    That is an end of the log, or if the mark is that of a thread, of the thread: it counts all replies up to its seq.
    """
    if key.parent_id is None:
        mark = (await find_unknown({key.group_id: mark}, {key.group_id: head})).get(key.group_id, mark)
    return {**mark.counts(head), "head": head.seq}


def tell_moved(key: MarkKey, state: dict[str, Any]) -> None:
    """Tell the user's connections that a mark was moved; `state` is what `state_of` returned."""
    where = {"groupId": key.group_id, **({"parentId": key.parent_id} if key.parent_id else {})}
    user_updates().tell(key.user_id, UserUpdated.READ_MARK, {**where, **state})
    if key.parent_id:
        open_threads().changed(key.group_id, key.parent_id, for_user=key.user_id)
