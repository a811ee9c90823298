"""The read marks that authors' own messages move: a message never counts as unread for the one who sent it.

Sending moves the author's mark to the message, but not in the send's transaction, and no sender waits for it: what a
moment brings is written together, for a person and group once in READ_MARK_INTERVAL. An answer takes the larger of the
row and what waits here, and writes that first: another process must not show an earlier mark after it. The author's
other devices are told once it is stored, by this process, whichever has stored it.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace

from django.conf import settings

from foundation.backoff import backoff
from foundation.errors import Unavailable
from foundation.flusher import Flusher
from foundation.log_throttle import LogThrottle
from foundation.per_loop import PerLoop
from foundation.tasks import gather_or_cancel
from realtime.hub.change import Position
from users.devices import has_others
from users.events import UserUpdated
from users.updates import user_updates

from . import mark_rows
from .log.entry import Entry
from .read_mark import MarkKey, ReadMark

logger = logging.getLogger(__name__)

_MAX_PENDING = 50_000
# Far more than are stored while somebody's marks are read.
_MAX_STORED = 5_000
# Of very many authors, so many marks are written in one interval, a few at a time; the others wait for the next.
_MAX_WRITES, _MAX_CONCURRENT = 200, 4
_CLOSE_TIMEOUT = 3.0
_ATTEMPTS = 8
# Seconds between attempts.
_BACKOFF_BASE, _BACKOFF_CAP = 0.01, 0.1


def own_mark(entry: Entry) -> tuple[MarkKey, ReadMark]:
    """Return where the entry of a message moves its author's mark: a reply in its thread, any other in the group."""
    # Reading each value through PynamoDB's descriptors would cost more.
    value = entry.attribute_values
    parent_id = value.get("parent_id")
    number = value["reply_number"] if parent_id else value["message_count"]
    all_count = int(value.get("reply_alls" if parent_id else "all_count") or 0)
    return MarkKey(value["user_id"], value["group_id"], parent_id), ReadMark(int(value["seq"]), int(number), all_count)


class ReadMarks:
    """The marks of authors that are yet to be written; those that wait longest come first."""

    def __init__(self) -> None:
        self._pending: OrderedDict[MarkKey, ReadMark] = OrderedDict()
        # Those that waited and are stored since a few seconds at most, as they are stored.
        self._stored: OrderedDict[MarkKey, ReadMark] = OrderedDict()
        # Those of them that other devices are yet to be told of: at most once in an interval.
        self._untold: set[MarkKey] = set()
        self._flusher = Flusher(
            self._write_some, is_waiting=self._is_waiting, delay=lambda: settings.READ_MARK_INTERVAL
        )
        self._log_throttle = LogThrottle()

    def _is_waiting(self) -> bool:
        return bool(self._pending or self._untold)

    def note_sent(self, key: MarkKey, mark: ReadMark) -> None:
        """Move an author's mark to their message, to be written soon; never waits and never fails."""
        self._pending[key] = mark.later(self._pending.get(key))
        if len(self._pending) > _MAX_PENDING:
            self._pending.popitem(last=False)
        self._flusher.start()

    async def advance(self, key: MarkKey, mark: ReadMark) -> tuple[ReadMark, bool]:
        """Move a mark forward by reading; return the stored one, and whether it was moved. Raises `Unavailable`."""
        pending = self._pending.get(key)
        if pending and pending.seq > mark.seq:
            sent, moved = await self._write(key, pending)
            if sent.seq >= mark.seq:
                return sent, moved
        stored, moved = await mark_rows.advance_read_mark(*key.row, mark)
        self._drop_if_written(key, stored)
        # It is told by whoever has moved it.
        self._untold.discard(key)
        return stored, moved

    async def move_back(self, key: MarkKey, find: Callable[[], Awaitable[ReadMark]]) -> ReadMark:
        """Replace a mark by what `find` returns, and return the stored one; raises what `find` does, and `Unavailable`.

        `find` is called again if the mark, or a mention, was changed meanwhile.
        """
        for delay in backoff(_ATTEMPTS, base=_BACKOFF_BASE, cap=_BACKOFF_CAP):
            # Before the log: whatever changes a message later is followed later, and changes the row's version.
            version = (await mark_rows.find_read_mark(*key.row)).details.version
            mark = await find()
            stored = await mark_rows.put_read_mark(key, replace(mark, details=replace(mark.details, version=version)))
            if stored:
                self._drop_if_written(key, stored)
                self._untold.discard(key)
                return stored
            await asyncio.sleep(delay)
        raise Unavailable

    async def _write(self, key: MarkKey, mark: ReadMark) -> tuple[ReadMark, bool]:
        """Write a mark that waits; return the stored one, and whether it was moved."""
        stored, moved = await mark_rows.advance_read_mark(*key.row, mark, by_sending=True)
        self._drop_if_written(key, stored)
        return stored, moved

    def _drop_if_written(self, key: MarkKey, stored: ReadMark) -> None:
        pending = self._pending.get(key)
        if pending and not stored.is_moved_by(pending.seq):
            del self._pending[key]
            self._stored[key] = stored
            self._stored.move_to_end(key)
            if len(self._stored) > _MAX_STORED:
                self._untold.discard(self._stored.popitem(last=False)[0])
            if has_others(key.user_id):
                self._untold.add(key)

    def _tell(self) -> None:
        """Tell authors' other devices of the marks that were stored since the last time."""
        untold, self._untold = self._untold, set()
        for key in untold:
            mark = self._stored[key]
            # Up to there nothing is unread; what lies beyond, devices have counted.
            state = mark.counts(Position(mark.seq, mark.message_count, mark.all_count or 0))
            where = {"groupId": key.group_id, **({"parentId": key.parent_id} if key.parent_id else {})}
            user_updates().tell(key.user_id, UserUpdated.READ_MARK, {**where, **state, "head": mark.seq})

    def newest(self, key: MarkKey, read: ReadMark) -> ReadMark:
        """Return a mark that was read, or what was stored of it after it was read and before it was looked for here."""
        stored = self._stored.get(key)
        return stored if stored and stored.details.version > read.details.version else read

    async def write(self, keys: Iterable[MarkKey]) -> dict[MarkKey, ReadMark]:
        """Write those of these marks that wait, at once, and return the stored ones; raises `Unavailable`."""
        pending = {key: self._pending[key] for key in keys if key in self._pending}
        if not pending:
            return {}
        written = await gather_or_cancel(self._write(key, mark) for key, mark in pending.items())
        return {key: stored for key, (stored, _) in zip(pending, written, strict=True)}

    def forget(self, group_id: str) -> None:
        """Drop the marks of a group that is deleted: written now, they would be rows of nothing."""
        for key in [key for key in self._pending if key.group_id == group_id]:
            del self._pending[key]
        for key in [key for key in self._stored if key.group_id == group_id]:
            del self._stored[key]
            self._untold.discard(key)

    async def write_all(self, limit: int | None = None) -> None:
        """Write the marks that wait longest, but those that a follower has written; what fails is written later."""
        await self._drop_written(list(self._pending)[:limit])
        semaphore = asyncio.Semaphore(_MAX_CONCURRENT)

        async def write(key: MarkKey) -> None:
            async with semaphore:
                await self._try_to_write(key)

        await gather_or_cancel(map(write, list(self._pending)[:limit]))

    async def _drop_written(self, keys: Iterable[MarkKey]) -> None:
        try:
            stored = await mark_rows.find_read_marks(keys)
        except Unavailable:
            return  # the writes say so
        for key, mark in stored.items():
            self._drop_if_written(key, mark)

    async def _try_to_write(self, key: MarkKey) -> None:
        mark = self._pending.get(key)
        if mark is None:
            return
        try:
            await self._write(key, mark)
        except Exception as error:  # whatever one write raises, the others are made
            if self._log_throttle.should_log():
                logger.warning("an author's read mark could not be written: %r", error)
            if not isinstance(error, Unavailable):
                self._pending.pop(key, None)

    async def _write_some(self) -> None:
        await self.write_all(_MAX_WRITES)
        self._tell()

    async def close(self) -> None:
        """Write what waits, if the store can be reached, and stop."""
        if not await self._flusher.close(self.write_all, timeout=_CLOSE_TIMEOUT):
            logger.warning("%d read marks of authors were not written", len(self._pending))


# The marks of the running event loop.
read_marks = PerLoop(ReadMarks)


async def close_read_marks() -> None:
    """Close the running loop's marks, if it has any."""
    if marks := read_marks.pop():
        await marks.close()
