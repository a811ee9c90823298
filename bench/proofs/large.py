"""Checks that reading a group with a long log takes few requests to DynamoDB.

    bin/prove large --entries 20000

Clients write the messages; then the server is restarted with empty caches, and pages, unread counts and missed changes
are read from it. A store proxy counts the requests to DynamoDB. Counts decide, not times.
"""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from bench.launcher import StoreProxy, start_store_proxy
from bench.load.client import Client, Sender
from bench.load.client_pool import ClientPool
from bench.load.fixture import Fixture
from bench.load.recorder import Recorder
from bench.loop import run_on_loop
from bin.local.console import print_line, run_command
from bin.local.processes import ProcessGroup

from .environment import ProofEnvironment, Server, run_proof

_SENDERS, _WINDOW = 4, 25
_PAGE = 100
_PROGRESS_INTERVAL = 5.0
# A client that missed more is told to read a page instead (docs/sockets.md).
_RESUMABLE = 1000
# Periodic checks and followers would add to the counts.
_NO_PERIODIC_CHECKS = dict.fromkeys(("ROOM_CHECK_INTERVAL", "MEMBERSHIP_CHECK_INTERVAL", "PRESENCE_INTERVAL"), "3600")
_NO_PERIODIC_CHECKS["FOLLOW"] = "0"


@dataclass
class Reader:
    """A member who reads the group and counts requests to DynamoDB; `failures` collects what was wrong."""

    http: httpx.AsyncClient
    proxy: StoreProxy
    group_id: str
    failures: list[str] = field(default_factory=list)

    async def get(self, path: str, **params: Any) -> dict[str, Any]:
        response = await self.http.get(path, params=params)
        response.raise_for_status()
        body: dict[str, Any] = response.json()
        return body

    async def page(self, **params: Any) -> dict[str, Any]:
        return await self.get("/api/messages", groupId=self.group_id, limit=_PAGE, **params)

    async def measure(self, name: str, limit: int, read: Callable[[], Awaitable[bool]]) -> None:
        """Call `read`, which returns whether the result was right; it may take `limit` requests to the store."""
        before = await self._requests()
        is_right = await read()
        made = await self._requests() - before
        print_line(f"{name}: {made} requests to the store ({limit} at most)")
        if made > limit:
            self.failures.append(f"{name} took {made} requests to the store, not {limit} at most")
        if not is_right:
            self.failures.append(f"{name} did not return what was written")

    async def _requests(self) -> int:
        return sum((await asyncio.to_thread(self.proxy.counts)).values())


def prove(environment: ProofEnvironment, entries: int) -> list[str]:
    """Return the failures: reads with too many requests or a wrong result."""
    # The last member only reads: one's own messages count as read.
    data = environment.create_fixture(users=_SENDERS + 1, groups=1, members=_SENDERS + 1)
    fixture, recorder = Fixture.of(data), Recorder()
    with environment.running_server({}) as server:
        run_on_loop(_write_messages(server, fixture, recorder, entries))
    with _behind_store_proxy(environment) as (proxy, proxied), proxied.running_server(_NO_PERIODIC_CHECKS) as server:
        return run_on_loop(_read(server, proxy, fixture, recorder))


@contextmanager
def _behind_store_proxy(environment: ProofEnvironment) -> Iterator[tuple[StoreProxy, ProofEnvironment]]:
    """Run a counting store proxy; yields it and the environment with its address as that of DynamoDB."""
    processes = ProcessGroup()
    try:
        upstream = environment.engines["DYNAMODB_URL"]
        proxy = start_store_proxy(processes, upstream=upstream, tables=[], log=environment.folder / "store-proxy.log")
        yield proxy, replace(environment, engines={**environment.engines, "DYNAMODB_URL": proxy.url})
    finally:
        processes.stop()


async def _write_messages(server: Server, fixture: Fixture, recorder: Recorder, entries: int) -> None:
    """Let some members write this many messages."""
    pool = ClientPool(recorder, fixture, [server.url], groups=1, members=_SENDERS, senders=_SENDERS)
    await pool.connect()
    await pool.wait_until_ready()

    def send_next(sender: Sender) -> None:
        if len(recorder.sent_at) < entries:
            sender.send()

    for client in pool.clients_by_group[0]:
        sender = Sender(client, recorder, group=0, group_id=pool.group_ids[0], size=40)
        sender.on_ack(send_next)
        for _ in range(min(_WINDOW, entries // _SENDERS)):
            sender.send()
    reported_at = 0.0
    while recorder.unanswered:
        await asyncio.sleep(0.05)
        if time.monotonic() > reported_at + _PROGRESS_INTERVAL:
            reported_at = time.monotonic()
            print_line(f"{len(recorder.acked):,} of {entries:,} messages written")
    pool.disconnect()


async def _read(server: Server, proxy: StoreProxy, fixture: Fixture, recorder: Recorder) -> list[str]:
    group, written = fixture.groups[0], len(recorder.acked)
    headers = {"Authorization": f"Bearer {fixture.tokens[group.members[-1]]}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, trust_env=False, timeout=60) as http:
        reader = Reader(http, proxy, group.id)
        head = (await reader.page())["messages"][-1]["seq"]
        await _read_pages(reader, head, written)
        await _read_unread_counts(reader, head, written)
        token = fixture.tokens[group.members[1]]
        await _resume(reader, server, recorder, token, head)
    return reader.failures


async def _read_pages(reader: Reader, head: int, written: int) -> None:
    async def newest() -> bool:
        return _seqs(await reader.page()) == list(range(head - _PAGE + 1, head + 1))

    async def middle() -> bool:
        return _seqs(await reader.page(before=head // 2)) == list(range(head // 2 - _PAGE, head // 2))

    async def all_pages() -> bool:
        seqs: list[int] = []
        page = await reader.page()
        while page["messages"]:
            seqs = _seqs(page) + seqs
            page = await reader.page(before=seqs[0]) if page["hasMore"] else {"messages": []}
        return len(seqs) == written and seqs == list(range(head - written + 1, head + 1))

    await reader.measure("the first page", 4, newest)
    await reader.measure("a page in the middle", 4, middle)
    await reader.measure("all pages in sequence", 4 * (written // _PAGE + 1), all_pages)


async def _read_unread_counts(reader: Reader, head: int, written: int) -> None:
    async def unread() -> int:
        count: int = (await reader.get("/api/groups"))["groups"][0]["unread"]
        return count

    async def nothing_read() -> bool:
        return await unread() == written

    async def half_read() -> bool:
        half = written // 2
        mark = {"groupId": reader.group_id, "seq": head - half}
        (await reader.http.post("/api/messages/read", json=mark)).raise_for_status()
        return await unread() == half

    await reader.measure("the unread count of an unread log", 6, nothing_read)
    await reader.measure("a read mark in the middle, and the unread count after it", 12, half_read)


async def _resume(reader: Reader, server: Server, recorder: Recorder, token: str, head: int) -> None:
    async def resume(missed: int, expected: int) -> bool:
        client = Client(recorder, token, {reader.group_id: head - missed})
        await client.connect(server.url)
        await client.ready
        with suppress(TimeoutError):
            async with asyncio.timeout(60):
                while len(client.received) < expected:  # noqa: ASYNC110 - an event per delivery would slow down the load generator
                    await asyncio.sleep(0.01)
        client.disconnect()
        return len(set(client.received)) == len(client.received) == expected

    missed = min(_RESUMABLE, head // 2) - 1
    await reader.measure(f"resuming after {missed} messages", 12, lambda: resume(missed, missed))
    if head > 2 * _RESUMABLE:
        await reader.measure(f"resuming after {head - 2:,} messages", 12, lambda: resume(head - 2, 0))


def _seqs(page: Mapping[str, Any]) -> list[int]:
    return [message["seq"] for message in page["messages"]]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="bin/prove large", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--entries", type=int, default=20_000, help="length of the log (20,000)")
    options = parser.parse_args(arguments)
    return run_proof(lambda environment: prove(environment, options.entries))


if __name__ == "__main__":
    run_command(main)
