"""The rows of the index of what is due, in the Users table; each query raises what `store.call` raises.

`due#<shard>` is a partition, and the item of an entry is `<place>#<kind>#<key>`: the place is when it is due, in
milliseconds since 1970, or when it is tried again. So what is due is read from the partition's beginning, oldest first,
however long nobody has looked. Entries that were set aside lie in `due#aside`.
"""

import secrets
from dataclasses import dataclass, replace
from zlib import crc32

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.transactions import TransactWrite

from dynamodb import store
from users.rows import UsersTableRow

from . import coming
from .entry import Due

# One partition takes 1,000 writes a second; each is asked by each process from time to time.
SHARDS = 4
_ASIDE = "due#aside"
# The digits of a place: enough until the year 2286.
_DIGITS = 13
_MAX_ERROR = 200


class DueRow(UsersTableRow):
    """An entry. `at` is when it was due first, `tries` counts how often it was taken, `error` says why it failed last.

    `lease` names who has taken it, until `lease_until`, in milliseconds since 1970.
    """

    at = NumberAttribute()
    tries = NumberAttribute(null=True)
    lease = UnicodeAttribute(null=True)
    lease_until = NumberAttribute(null=True, attr_name="leaseUntil")
    error = UnicodeAttribute(null=True)


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry where it lies: `place` is when it is done next, `tries` how often it was taken, `lease` who has it."""

    entry: Due
    place: int
    tries: int = 0
    lease: str = ""
    lease_until: int = 0
    error: str = ""

    @property
    def item(self) -> str:
        return _item(self.entry, self.place)


def _item(entry: Due, place: int) -> str:
    return f"{place:0{_DIGITS}}#{entry.kind}#{entry.key}"


def _partition(entry: Due) -> str:
    return f"due#{crc32(f'{entry.kind}#{entry.key}'.encode()) % SHARDS}"


def _row(placed: Placed, partition: str | None = None) -> DueRow:
    partition = partition or _partition(placed.entry)
    error = placed.error[:_MAX_ERROR] or None
    return DueRow(partition, placed.item, at=placed.entry.at, tries=placed.tries or None, error=error)


def _placed(row: DueRow) -> Placed:
    place, kind, key = row.item.split("#", 2)
    lease, until = row.lease or "", int(row.lease_until or 0)
    return Placed(Due(kind, key, int(row.at)), int(place), int(row.tries or 0), lease, until, row.error or "")


# --- for those who have something done -------------------------------------------------------------------------------
async def put(entry: Due) -> None:
    """Add an entry; one that is there already is not taken by anybody then."""
    coming.note(entry.at)
    await store.call(_row(Placed(entry, entry.at)).save)


def put_with(transaction: TransactWrite, entry: Due) -> None:
    """Add an entry together with the row that it points to."""
    coming.note(entry.at)
    transaction.save(_row(Placed(entry, entry.at)))


def drop_with(transaction: TransactWrite, entry: Due) -> None:
    """Remove an entry, unless it waits to be tried again: then it is left, and comes to nothing."""
    transaction.delete(_row(Placed(entry, entry.at)))


# --- for the worker --------------------------------------------------------------------------------------------------
async def find_due(shard: int, until: int, *, limit: int, behind: Placed | None = None) -> list[Placed]:
    """Return the oldest entries of a partition that are due at `until`, taken or not, by a strongly consistent read.

    `behind` is the last one of those that were read before.
    """
    partition, last = f"due#{shard}", f"{until:0{_DIGITS}}#\U0010ffff"
    start = {"userId": {"S": partition}, "item": {"S": behind.item}} if behind else None

    def query() -> list[DueRow]:
        is_due = DueRow.item <= last
        return list(DueRow.query(partition, is_due, consistent_read=True, limit=limit, last_evaluated_key=start))

    return [_placed(row) for row in await store.call(query)]


async def take(placed: Placed, *, now: int, until: int) -> Placed | None:
    """Take an entry until a time; None if somebody else has it, or it is no longer there."""
    lease = secrets.token_hex(8)
    row, tries = _row(placed), placed.tries + 1
    actions = [DueRow.lease.set(lease), DueRow.lease_until.set(until), DueRow.tries.set(tries)]
    # As it was read: nobody has taken it, put it anew or tried it since.
    as_read = DueRow.lease == placed.lease if placed.lease else DueRow.lease.does_not_exist()
    try:
        await store.call(lambda: row.update(actions=[*actions], condition=DueRow.at.exists() & as_read))
    except store.ConditionFailed:
        return None
    return replace(placed, tries=tries, lease=lease, lease_until=until)


async def remove(taken: Placed) -> None:
    """Remove an entry that was handled, unless somebody else has taken it, or it was put anew."""
    row = _row(taken)
    try:
        await store.call(lambda: row.delete(condition=DueRow.lease == taken.lease))
    except store.ConditionFailed:
        return


async def postpone(taken: Placed, place: int, *, tries: int, error: str = "") -> None:
    """Let an entry that was taken be done at another time."""
    coming.note(place)
    await _move(taken, _row(replace(taken, place=place, tries=tries, error=error)))


async def set_aside(taken: Placed, error: str) -> None:
    """Let nobody try an entry that was taken, until somebody says so."""
    await _move(taken, _row(replace(taken, error=error), _ASIDE))


async def _move(taken: Placed, row: DueRow) -> None:
    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            transaction.delete(_row(taken), condition=DueRow.lease == taken.lease)
            transaction.save(row)

    if (row.user_id, row.item) == (_partition(taken.entry), taken.item):
        return  # the lease runs out by itself
    try:
        await store.call(transact)
    except store.ConditionFailed:
        return


# --- what was set aside ----------------------------------------------------------------------------------------------
async def list_aside(limit: int) -> list[Placed]:
    """Return entries that were set aside, the oldest first."""

    def query() -> list[DueRow]:
        return list(DueRow.query(_ASIDE, consistent_read=True, limit=limit))

    return [_placed(row) for row in await store.call(query)]


async def take_up(placed: Placed, place: int) -> None:
    """Let an entry that was set aside be tried again from `place` on; raises `ConditionFailed` if it is not there."""

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            transaction.delete(_row(placed, _ASIDE), condition=DueRow.at.exists())
            transaction.save(_row(Placed(placed.entry, place)))

    await store.call(transact)
