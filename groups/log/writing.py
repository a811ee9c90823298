"""Writes a batch's appends to DynamoDB in one request, and encodes their changes meanwhile."""

import asyncio
import contextlib

from pynamodb.transactions import TransactWrite

from dynamodb import store

from .entry import Entry
from .proposal import Append


async def store_and_prepare(appends: list[Append]) -> None:
    """Store the appends, all or none, and build their outcomes while the store writes.

    Raises `ConditionFailed` when another writer has appended at one of these seqs, or what else `store.call` raises.
    """
    writing = asyncio.create_task(write_appends(appends))
    try:
        # Yield once, so that the request is sent before the outcomes are built.
        await asyncio.sleep(0)
        # An error is raised again where the outcome is used; raised here, it would hide that the appends are stored.
        with contextlib.suppress(Exception):
            for append in appends:
                append.prepare()
    finally:
        await writing


async def write_appends(appends: list[Append]) -> None:
    """Store the appends, all or none: one `PutItem` for a lone entry, one `TransactWriteItems` for more."""
    if not appends:
        return
    absent = Entry.group_id.does_not_exist()
    if len(appends) == 1 and not appends[0].extra_writes:
        await store.call(appends[0].entry.save, condition=absent)
        return

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            for append in appends:
                transaction.save(append.entry, condition=absent)
                for write in append.extra_writes:
                    write(transaction)

    await store.call(transact)
