"""The follower that moves authors' read marks to what they have sent, where the process that was to do it has died."""

from collections.abc import Sequence

from foundation.tasks import map_some_at_a_time

from . import mark_rows
from .followers.follower import FROM_NOW, Follower
from .log.entry import Entry
from .read_mark import MarkKey, ReadMark
from .read_marks import own_mark

# How many marks are written at a time.
_MAX_CONCURRENT = 4


class ReadMarkRepair(Follower):
    """Usually the first to write a mark, so that the sender's process need not (docs/decisions/0024)."""

    name = "read marks"
    start = FROM_NOW

    async def handle(self, group_id: str, entries: Sequence[Entry], *, notify: bool) -> None:
        marks: dict[MarkKey, ReadMark] = {}
        for entry in entries:
            if entry.kind == "message":
                key, mark = own_mark(entry)
                marks[key] = mark.later(marks.get(key))
        stored = await mark_rows.find_read_marks(marks)
        lost = [key for key, mark in marks.items() if stored[key].is_moved_by(mark.seq)]
        await map_some_at_a_time(lambda key: mark_rows.repair_read_mark(*key, marks[key]), lost, _MAX_CONCURRENT)
