"""How appends get into the store: all in one write, while what is told of them is made."""

import asyncio

from pynamodb.transactions import TransactWrite

from dynamodb import store

from .entry import Entry
from .proposal import Append


async def write_and_prepare(appends: list[Append]) -> None:
    """Store the appends; what is to be told of them is made while the store writes."""
    writing = asyncio.create_task(_write(appends))
    try:
        # The request leaves first.
        await asyncio.sleep(0)
        for append in appends:
            append.prepare()
    finally:
        await writing


async def _write(appends: list[Append]) -> None:
    """Store the appends, all or none: one `PutItem` for a lone entry, one `TransactWriteItems` for more."""
    if not appends:
        return
    absent = Entry.group_id.does_not_exist()
    if len(appends) == 1 and not appends[0].also:
        await store.call(appends[0].entry.save, condition=absent)
        return

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            for append in appends:
                transaction.save(append.entry, condition=absent)
                for write in append.also:
                    write(transaction)

    await store.call(transact)
