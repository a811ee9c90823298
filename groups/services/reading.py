"""How far somebody has read."""

from groups.read_mark import MarkKey, ReadMark
from groups.read_marks import read_marks
from users.actor import Actor


async def advance_read_mark(
    *, actor: Actor, group_id: str, parent_id: str | None, mark: ReadMark
) -> tuple[ReadMark, bool]:
    """Move the actor's read mark of the group, or of the thread of `parent_id`, forward to `mark`, never back.

    Returns the mark, which may be further, and whether this moved it. The caller has checked that the actor is a
    member.
    """
    return await read_marks().advance(MarkKey(actor.user_id, group_id, parent_id), mark)
