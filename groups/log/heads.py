"""Where logs end, read strongly: of one log by a query, of many from hints that one batch of reads proves.

A hint of seq n is right if the entry n exists and n + 1 does not. Without a right hint, a log's last entry is read.
"""

import asyncio
from collections.abc import Collection, Iterable
from datetime import datetime

from foundation.per_loop import PerLoop
from foundation.tasks import gather_or_cancel
from realtime.hub.change import Position

from . import queries
from .appender import cached_state
from .entry import Entry
from .head_hints import head_hints

# How many logs are read one by one at a time.
_MAX_QUERIES = 16
# Requests that arrive during a read wait for it, to form one batch; a slow read delays them no longer than this.
_MAX_WAIT_SECONDS = 0.05


async def find_heads(group_ids: Collection[str]) -> dict[str, Position]:
    """Return the position of each log's end; logs that do not exist are left out."""
    if len(group_ids) == 1:
        return {entry.group_id: entry.position for entry in await _last_entries(group_ids)}
    hints = {group_id: hint.seq for group_id, hint in (await head_hints().get(group_ids)).items()}
    for group_id in group_ids:
        # This process may know better: another one's hint takes a moment.
        if (state := cached_state(group_id)) and state.seq > hints.get(group_id, 0):
            hints[group_id] = state.seq
    proven = await queries.heads_among(hints)
    rest = await _last_entries([group_id for group_id in group_ids if group_id not in proven])
    for entry in rest:
        head_hints().note(entry.group_id, int(entry.seq), at=datetime.fromisoformat(entry.created_at).timestamp())
    return {**proven, **{entry.group_id: entry.position for entry in rest}}


async def _last_entries(group_ids: Iterable[str]) -> list[Entry]:
    semaphore = asyncio.Semaphore(_MAX_QUERIES)

    async def query(group_id: str) -> Entry | None:
        async with semaphore:
            return await queries.last_entry(group_id)

    return [entry for entry in await gather_or_cancel(map(query, group_ids)) if entry]


class HeadLoader:
    """Merges the reads of logs' ends that are requested at the same moment, as `BatchLoader` does those of rows."""

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Future[Position | None]] = {}
        self._last: asyncio.Task[None] | None = None

    async def load(self, group_id: str) -> Position | None:
        """Return the position of a log's end, or None when there is no such log."""
        if not self._waiting:
            self._last = asyncio.create_task(self._run(after=self._last))
        future = self._waiting.get(group_id)
        if future is None:
            future = self._waiting[group_id] = asyncio.get_running_loop().create_future()
        # shield: cancelling one waiter must not cancel the shared read.
        return await asyncio.shield(future)

    async def _run(self, *, after: asyncio.Task[None] | None) -> None:
        # Requests of the same turn of the loop join this batch.
        await asyncio.sleep(0)
        if after and not after.done():
            await asyncio.wait([after], timeout=_MAX_WAIT_SECONDS)
        waiting, self._waiting = self._waiting, {}
        try:
            heads = await find_heads(waiting)
        except BaseException as error:
            for future in waiting.values():
                if not future.done():
                    future.set_exception(error)
                    # Whoever waited may be gone.
                    future.exception()
            if not isinstance(error, Exception):
                raise
        else:
            for group_id, future in waiting.items():
                if not future.done():
                    future.set_result(heads.get(group_id))


head_loader = PerLoop(HeadLoader)
