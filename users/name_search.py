"""Finds people by the beginning of their name, of a word in it, or of their handle, in the index of names.

Each raises what `store.call` raises.
"""

import asyncio
import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice

from dynamodb import store

from . import models
from .folding import fold, keys_of
from .models import ASIDE, SHARDS, UserRow, key_shard
from .names import key_of
from .user import User

# Greater than every character of a name.
_PAST_NAMES = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Found:
    """A page of people in the order of the keys by which they were found; `last_key` is that of the last.

    Of somebody who was renamed a moment ago the index has the former name: the page is shorter by them.
    """

    users: list[User]
    last_key: str | None
    has_more: bool


async def search(query: str, *, limit: int, after: str | None = None) -> Found:
    """Return up to `limit` people who are found by the beginning `query`, each once: by the least of their keys.

    Without one, all, by their names. With `after`, those whose key is greater.
    """
    prefix = prefix_of(query)
    found = _search(prefix, limit + 1, after) if prefix else _list(limit + 1, after)
    rows = await found
    page, more = rows[:limit], len(rows) > limit
    users = [row.as_user() for row in page] if not prefix else await _read(page, prefix)
    return Found(users, page[-1].sort_key if page else None, more)


def prefix_of(query: str) -> str:
    """Return the beginning of keys that somebody means who types this."""
    return fold(query.strip().removeprefix("@"))


async def find_rows(partitions: Iterable[str], prefix: str, limit: int, after: str | None) -> list[UserRow]:
    """Return up to `limit` rows of these partitions whose key begins with `prefix`, of each thing that with the least.

    Sorted by `sort_key`, after the one of `after`. With no prefix, all rows.
    """
    return await _merge(partitions, prefix, limit, after, _Leads(prefix) if prefix else lambda row: True)


async def list_aside(*, limit: int, after: str | None = None) -> Found:
    """Return up to `limit` people who are deactivated, by their names; with `after`, those whose key is greater."""
    rows = await _merge([ASIDE], "", limit + 1, after, lambda row: row.deactivated_at is not None)
    page = rows[:limit]
    return Found([row.as_user() for row in page], page[-1].sort_key if page else None, len(rows) > limit)


async def _list(limit: int, after: str | None) -> list[UserRow]:
    return await _merge(
        [str(number) for number in range(SHARDS)], "", limit, after, lambda row: row.as_user().is_active
    )


async def _search(prefix: str, limit: int, after: str | None) -> list[UserRow]:
    return await find_rows([key_shard(number) for number in range(SHARDS)], prefix, limit, after)


async def _read(rows: Iterable[UserRow], prefix: str) -> list[User]:
    """Return the people of the keys in their order, as far as they are still called so."""
    ids = list(dict.fromkeys(row.user_id for row in rows))
    known = await models.get_many(ids)
    users = [known[user_id] for user_id in ids if user_id in known and known[user_id].is_active]
    return [user for user in users if any(key.startswith(prefix) for key in keys_of(user.name, user.handle))]


class _Leads:
    """Tells whether a key is the least of its person's keys with this beginning: one row for each person is that."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def __call__(self, row: UserRow) -> bool:
        keys = [key for key in keys_of(row.name, row.handle) if key.startswith(self._prefix)]
        return bool(keys) and key_of(row.sort_key) == min(keys)


async def _merge(
    partitions: Iterable[str], start: str, limit: int, after: str | None, shows: Callable[[UserRow], bool]
) -> list[UserRow]:
    """Return up to `limit` rows that begin with `start` and are shown, sorted by `sort_key`; they lag a little."""
    # A key is never empty.
    first, last = max(start or "\0", _next_key(after) if after else ""), start + _PAST_NAMES
    shards = [_Shard(name, first, shows) for name in partitions]
    # Twice a partition's share: it seldom holds more of a page. Reading a page of each would cost as many times more.
    size = 2 * limit // SHARDS + 2
    reading = shards
    while reading:
        await asyncio.gather(*(shard.read(last, size) for shard in reading))
        page = list(islice(heapq.merge(*(shard.rows for shard in shards), key=lambda row: row.sort_key), limit))
        end = page[-1].sort_key if len(page) == limit else last
        reading = [shard for shard in shards if shard.may_have_before(end)]
        size = limit
    return page


class _Shard:
    """What was read of one partition and is shown, in its order, and where it goes on; None at its end."""

    def __init__(self, name: str, first: str, shows: Callable[[UserRow], bool]) -> None:
        self.rows: list[UserRow] = []
        self._name, self._shows = name, shows
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
        self.rows += filter(self._shows, rows)
        self._next = _next_key(rows[-1].sort_key) if len(rows) == limit else None

    def may_have_before(self, end: str) -> bool:
        """Return whether there may be rows before the key `end` that were not read."""
        return self._next is not None and self._next < end


def _next_key(key: str) -> str:
    """Return the least key that is greater."""
    return key + "\0"
