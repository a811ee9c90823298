"""Carries over a Users table of a former version, whose index had one partition, or no keys of words (0019, 0044).

All of it may be repeated.
"""

import asyncio
from typing import Any

from dynamodb import store
from dynamodb.tables import Report, wait_until
from foundation.ids import now

from . import profiles
from .models import PROFILE, NameIndex, UserRow, load

_FORMER_INDEX = "item-nameKey"
_PAGE = 500
# Says that the users of former versions have keys: a table that this version has made begins with it.
_DONE = ("carried over", "keys")
_CONCURRENCY = 16


async def add_index(table: type[UserRow] = UserRow, *, report: Report | None = None) -> bool:
    """Add the index of names to a table that lacks it, and wait until it can be read; return whether it was missing.

    Raises `TookTooLong`.
    """
    missing = False

    async def is_active() -> bool:
        nonlocal missing
        state = (await _index_states(table)).get(NameIndex.Meta.index_name)
        if state is None:
            missing = True
            # With its outcome unknown, the next look shows whether it was begun.
            await _create(table)
        return state == "ACTIVE"

    await wait_until(is_active, f"the index of names of {table.Meta.table_name}", report)
    return missing


async def _create(table: type[UserRow]) -> None:
    keys = [(str(NameIndex.shard.attr_name), "HASH"), (str(NameIndex.sort_key.attr_name), "RANGE")]
    create = {
        "IndexName": NameIndex.Meta.index_name,
        "KeySchema": [{"AttributeName": name, "KeyType": kind} for name, kind in keys],
        "Projection": {"ProjectionType": "ALL"},
    }
    definitions = [{"AttributeName": name, "AttributeType": "S"} for name, _ in keys]
    await _update(table, {"Create": create}, AttributeDefinitions=definitions)


async def is_done() -> bool:
    return bool(await load([_DONE]))


async def mark_done() -> None:
    await store.call(UserRow(*_DONE).update, [UserRow.created_at.set(now())])


async def spread_users(table: type[UserRow] = UserRow) -> int:
    """Put the users that the index lacks into it, with all of their keys, and return how many there were."""
    count, start, limit = 0, None, asyncio.Semaphore(_CONCURRENCY)

    async def spread(row: UserRow) -> bool:
        async with limit:
            return await _spread(row)

    while True:
        rows, start = await store.call(_read_unspread, table, start)
        count += sum(await asyncio.gather(*map(spread, rows)))
        if start is None:
            return count


async def drop_former_index(table: type[UserRow] = UserRow) -> bool:
    """Delete the index that former versions read, if it is there; return whether it was."""
    found = False

    async def is_gone() -> bool:
        nonlocal found
        state = (await _index_states(table)).get(_FORMER_INDEX)
        found = found or state is not None
        if state == "ACTIVE":
            await _update(table, {"Delete": {"IndexName": _FORMER_INDEX}})
        return state is None

    await wait_until(is_gone, f"the index {_FORMER_INDEX} of {table.Meta.table_name} to go")
    return found


def _read_unspread(table: type[UserRow], start: Any) -> tuple[list[UserRow], Any]:
    has_keys = UserRow.keyed_name.exists() & (UserRow.keyed_name == UserRow.name)
    unspread = (UserRow.item == PROFILE) & ~has_keys & UserRow.removed_at.does_not_exist()
    unspread &= UserRow.deactivated_at.does_not_exist()
    pages = table.scan(unspread, page_size=_PAGE, last_evaluated_key=start, consistent_read=True).page_iter
    rows = [table.from_raw_data(item) for item in next(pages)["Items"]]
    return rows, pages.last_evaluated_key


async def _spread(row: UserRow) -> bool:
    """Return whether the user was put into the index here; one who was renamed meanwhile is in it by now."""
    return await profiles.index_row(row)


async def _index_states(table: type[UserRow]) -> dict[str, str]:
    """Return the state of each of the table's indexes, by name."""
    names = {"TableName": table.Meta.table_name}
    described: dict[str, Any] = await store.call(store.connection().dispatch, "DescribeTable", names)
    indexes = described["Table"].get("GlobalSecondaryIndexes", ())
    return {index["IndexName"]: index["IndexStatus"] for index in indexes}


async def _update(table: type[UserRow], change: dict[str, Any], **more: Any) -> None:
    update = {"TableName": table.Meta.table_name, "GlobalSecondaryIndexUpdates": [change], **more}
    await store.call(store.connection().dispatch, "UpdateTable", update)
