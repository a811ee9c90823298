"""How steps get into the store: all in one write, while what is told of them is made."""

import asyncio

from pynamodb.transactions import TransactWrite

from dynamodb import store

from .proposal import Step
from .table import Entry


async def write_and_prepare(steps: list[Step]) -> None:
    """Store the steps; what is to be told of them is made while the store writes."""
    writing = asyncio.create_task(_write(steps))
    try:
        # The request leaves first.
        await asyncio.sleep(0)
        for step in steps:
            step.prepare()
    finally:
        await writing


async def _write(steps: list[Step]) -> None:
    """Store the steps, all or none: one `PutItem` for a lone entry, one `TransactWriteItems` for more."""
    if not steps:
        return
    absent = Entry.group_id.does_not_exist()
    if len(steps) == 1 and not steps[0].also:
        await store.call(steps[0].entry.save, condition=absent)
        return

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            for step in steps:
                transaction.save(step.entry, condition=absent)
                for write in step.also:
                    write(transaction)

    await store.call(transact)
