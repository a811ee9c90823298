"""Finds users by the start of their names, in the index of names. It raises what `store.call` raises."""

import asyncio
import heapq
from itertools import islice

from dynamodb import store

from .models import SHARDS, User, UserRow
from .names import name_key

# Greater than every character of a name.
_PAST_NAMES = "\U0010ffff"


async def search(prefix: str, *, limit: int, after: str | None = None) -> list[User]:
    """Return up to `limit` users whose name starts with `prefix`, regardless of case, sorted by `sort_key`.

    With `after`, those whose `sort_key` is greater. They come from the index, which lags a little.
    """
    start = name_key(prefix)
    # A key is never empty.
    first, last = max(start or "\0", _next_key(after) if after else ""), start + _PAST_NAMES
    shards = [_Shard(str(number), first) for number in range(SHARDS)]
    # Twice a partition's share: it seldom holds more of a page. Reading a page of each would cost as many times more.
    size = 2 * limit // SHARDS + 2
    reading = shards
    while reading:
        await asyncio.gather(*(shard.read(last, size) for shard in reading))
        page = list(islice(heapq.merge(*(shard.rows for shard in shards), key=lambda row: row.sort_key), limit))
        end = page[-1].sort_key if len(page) == limit else last
        reading = [shard for shard in shards if shard.may_have_before(end)]
        size = limit
    return [row.as_user() for row in page]


class _Shard:
    """What was read of one partition of the index, in its order, and where it goes on; None at its end."""

    def __init__(self, name: str, first: str) -> None:
        self.rows: list[UserRow] = []
        self._name = name
        self._next: str | None = first

    async def read(self, last: str, limit: int) -> None:
        """Read up to `limit` more rows, up to the key `last`."""
        first = self._next
        if first is None or first > last:
            self._next = None
            return

        def query() -> list[UserRow]:
            between = UserRow.sort_key.between(first, last)
            return list(UserRow.by_name.query(self._name, between, limit=limit, page_size=limit))

        rows = await store.call(query)
        self.rows += rows
        self._next = _next_key(rows[-1].sort_key) if len(rows) == limit else None

    def may_have_before(self, end: str) -> bool:
        """Return whether there may be rows before the key `end` that were not read."""
        return self._next is not None and self._next < end


def _next_key(key: str) -> str:
    """Return the least key that is greater."""
    return key + "\0"
