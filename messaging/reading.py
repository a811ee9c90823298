"""What is answered, and told to a user's other devices, when one of their read marks was moved."""

from typing import Any

from groups.mark_alls import find_unknown
from groups.read_mark import MarkKey, ReadMark
from realtime.hub.change import Position
from users.events import UserUpdated
from users.updates import user_updates

from .open_threads import open_threads


async def state_of(key: MarkKey, mark: ReadMark, head: Position, *, replies: int = 0) -> dict[str, Any]:
    """Return {"read", "unread", "mentions"?, "all"?, "head", "version"}: what is unread at a log's end.

    `replies` is how many the thread has, if the mark is that of a thread: then there are no `mentions` and `all`.
    """
    state: dict[str, Any] = {"read": mark.seq, "head": head.seq, "version": mark.details.version}
    if key.parent_id:
        return {**state, "unread": mark.unread_replies(replies)}
    mark = (await find_unknown({key.group_id: mark}, {key.group_id: head})).get(key.group_id, mark)
    counts = {"unread": mark.unread(head), "all": mark.unread_alls(head)}
    return {**state, **counts, "mentions": mark.mentions}


def tell_moved(key: MarkKey, state: dict[str, Any]) -> None:
    """Tell the user's connections that a mark was moved; `state` is what `state_of` returned."""
    where = {"groupId": key.group_id, **({"parentId": key.parent_id} if key.parent_id else {})}
    user_updates().tell(key.user_id, UserUpdated.READ_MARK, {**where, **state})
    if key.parent_id:
        open_threads().changed(key.group_id, key.parent_id, for_user=key.user_id)
