"""Measures the CPU time and the latency that this process spends on one DynamoDB call, by kind of call.

    python -m bench.store_calls

uses the engines of a running `bin/run` or those named by the environment, with temporary tables.
"""

import asyncio
import os
import secrets
import time
from collections.abc import Awaitable, Callable
from statistics import median

os.environ["NAMESPACE"] = f"bench-{secrets.token_hex(4)}"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")

import django
import uvloop

django.setup()

from pynamodb.transactions import TransactWrite  # noqa: E402 - models need the settings

from dynamodb import store  # noqa: E402
from foundation.ids import new_id, now  # noqa: E402
from groups import models  # noqa: E402
from groups.log import queries  # noqa: E402
from groups.log.entry import Entry  # noqa: E402
from groups.models import Member  # noqa: E402
from groups.rows import GroupRow  # noqa: E402

GROUP = "group_bench"
ROUNDS = 7
Call = Callable[[], Awaitable[object]]


class Log:
    """A log that grows by messages of typical size."""

    def __init__(self) -> None:
        self.seq = 0

    def entry(self) -> Entry:
        self.seq += 1
        return Entry(
            GROUP,
            self.seq,
            kind="message",
            user_id="user_aaaaaaaaaaaaaaaaaaaa",
            created_at=now(),
            message_count=self.seq,
            nonce=new_id("n", 12),
            content="A message of a usual length, some forty characters and a few.",
            client_id=new_id("c", 34),
            digest="0123456789abcdef" * 2,
            version=1,
        )

    async def put(self) -> None:
        await store.call(self.entry().save, Entry.group_id.does_not_exist())

    def transact(self, size: int) -> Call:
        def write() -> None:
            absent = Entry.group_id.does_not_exist()
            with TransactWrite(connection=store.connection()) as transaction:
                for _ in range(size):
                    transaction.save(self.entry(), condition=absent)

        return lambda: store.call(write)


async def report(name: str, times: int, call: Call) -> None:
    """Print the minimum and the median of several rounds: a busy machine makes calls slower, never faster."""
    rounds = []
    for _ in range(ROUNDS):
        cpu, clock = time.process_time(), time.perf_counter()
        for _ in range(times):
            await call()
        rounds.append(((time.process_time() - cpu) / times, (time.perf_counter() - clock) / times))
    best, typical = min(rounds)[0], median(cpu for cpu, _ in rounds)
    latency = median(clock for _, clock in rounds)
    print(
        f"{name:<22} CPU {best * 1000:6.3f} ms (median {typical * 1000:6.3f}), latency {latency * 1000:7.2f} ms",
        flush=True,
    )


async def measure() -> None:
    for table in (GroupRow, Entry):
        await asyncio.to_thread(table.create_table, wait=True)
    try:
        log = Log()
        await store.call(models.member_row(Member(GROUP, "user_1", models.MEMBER, now())).save)
        await report("put", 100, log.put)
        await report("transaction of 10", 30, log.transact(10))
        await report("transaction of 50", 15, log.transact(50))
        await report("get a member", 100, lambda: models.find_member(GROUP, "user_1"))
        await report("get a message", 100, lambda: queries.get_entry(GROUP, 5))
        await report("query 50 messages", 30, lambda: queries.entries_after(GROUP, 0, limit=50))
        await report("query 1,000 messages", 3, lambda: queries.entries_after(GROUP, 0, limit=1000))
    finally:
        await store.close()
        for table in (GroupRow, Entry):
            await asyncio.to_thread(table.delete_table)


if __name__ == "__main__":
    uvloop.run(measure())
