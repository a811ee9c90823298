"""Proves that a group with a long log is read with few requests to the store.

    bin/prove large --entries 20000

Clients write so many messages; then the server is started anew, so that it remembers nothing, and is asked for pages,
for what is unread and for what was missed. A store front counts the requests. No clock decides anything.
"""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from bench.load.client import Client, Sender
from bench.load.crowd import Crowd
from bench.load.fixture import Fixture
from bench.load.notes import Notes
from bench.loop import on_loop
from bench.stage import Front, start_front
from bin.local.console import run_command, say
from bin.local.processes import ProcessGroup

from .stage import Server, Stage, run_proof

_SENDERS, _WINDOW = 4, 25
_PAGE = 100
_PROGRESS_EVERY = 5.0
# A client that missed more is told to read a page instead (docs/sockets.md).
_RESUMABLE = 1000
# What looks after rooms, members and presence now and then would be counted too.
_RARELY = dict.fromkeys(("ROOM_CHECK_INTERVAL", "MEMBERSHIP_CHECK_INTERVAL", "PRESENCE_INTERVAL"), "3600")


@dataclass
class Reader:
    """A member of the group who reads it and counts what that takes; `faults` is what was wrong."""

    http: httpx.AsyncClient
    front: Front
    group_id: str
    faults: list[str] = field(default_factory=list)

    async def get(self, path: str, **params: Any) -> dict[str, Any]:
        answer = await self.http.get(path, params=params)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    async def page(self, **params: Any) -> dict[str, Any]:
        return await self.get("/api/messages", groupId=self.group_id, limit=_PAGE, **params)

    async def measure(self, what: str, most: int, ask: Callable[[], Awaitable[bool]]) -> None:
        """Do it; it must take `most` requests to the store at most and return that all was right."""
        before = await self._requests()
        right = await ask()
        made = await self._requests() - before
        say(f"{what}: {made} requests to the store ({most} at most)")
        if made > most:
            self.faults.append(f"{what} took {made} requests to the store, not {most} at most")
        if not right:
            self.faults.append(f"{what} did not show what was written")

    async def _requests(self) -> int:
        return sum((await asyncio.to_thread(self.front.counts)).values())


def prove(stage: Stage, entries: int) -> list[str]:
    """Return what took more requests than it may, and what was not shown as it was written."""
    data = stage.make_fixture(users=_SENDERS, groups=1, members=_SENDERS)
    fixture, notes = Fixture.of(data), Notes()
    with stage.serving({}) as server:
        on_loop(_fill(server, fixture, notes, entries))
    with _counting(stage) as (front, counted), counted.serving(_RARELY) as server:
        return on_loop(_read(server, front, fixture, notes))


@contextmanager
def _counting(stage: Stage) -> Iterator[tuple[Front, Stage]]:
    """A store front that counts, and the same stage with it in place of DynamoDB."""
    processes = ProcessGroup()
    try:
        upstream = stage.engines["DYNAMODB_URL"]
        front = start_front(processes, upstream=upstream, tables=[], log=stage.folder / "front.log")
        yield front, replace(stage, engines={**stage.engines, "DYNAMODB_URL": front.url})
    finally:
        processes.stop()


async def _fill(server: Server, fixture: Fixture, notes: Notes, entries: int) -> None:
    """Let some members write so many messages."""
    crowd = Crowd(notes, fixture, [server.url], groups=1, members=_SENDERS, senders=_SENDERS)
    await crowd.connect()
    await crowd.until_ready()

    def following(sender: Sender) -> None:
        if len(notes.sent_at) < entries:
            sender.send()

    for client in crowd.rooms[0]:
        sender = Sender(client, notes, group=0, group_id=crowd.group_ids[0], size=40)
        sender.then(following)
        for _ in range(min(_WINDOW, entries // _SENDERS)):
            sender.send()
    said = 0.0
    while notes.unanswered:
        await asyncio.sleep(0.05)
        if time.monotonic() > said + _PROGRESS_EVERY:
            said = time.monotonic()
            say(f"{len(notes.acked):,} of {entries:,} messages written")
    crowd.leave()


async def _read(server: Server, front: Front, fixture: Fixture, notes: Notes) -> list[str]:
    group, written = fixture.groups[0], len(notes.acked)
    headers = {"Authorization": f"Bearer {fixture.tokens[group.members[0]]}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, trust_env=False, timeout=60) as http:
        reader = Reader(http, front, group.id)
        head = (await reader.page())["messages"][-1]["seq"]
        await _read_pages(reader, head, written)
        await _read_what_is_unread(reader, head, written)
        token = fixture.tokens[group.members[1]]
        await _come_back(reader, server, notes, token, head)
    return reader.faults


async def _read_pages(reader: Reader, head: int, written: int) -> None:
    async def newest() -> bool:
        return _seqs(await reader.page()) == list(range(head - _PAGE + 1, head + 1))

    async def middle() -> bool:
        return _seqs(await reader.page(before=head // 2)) == list(range(head // 2 - _PAGE, head // 2))

    async def all_of_them() -> bool:
        found: list[int] = []
        page = await reader.page()
        while page["messages"]:
            found = _seqs(page) + found
            page = await reader.page(before=found[0]) if page["hasMore"] else {"messages": []}
        return len(found) == written and found == list(range(head - written + 1, head + 1))

    await reader.measure("the first page", 4, newest)
    await reader.measure("a page in the middle", 4, middle)
    await reader.measure("all pages, one after the other", 4 * (written // _PAGE + 1), all_of_them)


async def _read_what_is_unread(reader: Reader, head: int, written: int) -> None:
    async def unread() -> int:
        found: int = (await reader.get("/api/groups"))["groups"][0]["unread"]
        return found

    async def nothing_read() -> bool:
        return await unread() == written

    async def half_read() -> bool:
        half = written // 2
        mark = {"groupId": reader.group_id, "seq": head - half}
        (await reader.http.post("/api/messages/read", json=mark)).raise_for_status()
        return await unread() == half

    await reader.measure("what is unread of a log nobody has read", 6, nothing_read)
    await reader.measure("a read mark in the middle, and what is unread then", 12, half_read)


async def _come_back(reader: Reader, server: Server, notes: Notes, token: str, head: int) -> None:
    async def resume(missed: int, expected: int) -> bool:
        client = Client(notes, token, {reader.group_id: head - missed})
        await client.connect(server.url)
        await client.ready
        with suppress(TimeoutError):
            async with asyncio.timeout(60):
                while len(client.seen) < expected:  # noqa: ASYNC110 - a client that tells would cost the generator
                    await asyncio.sleep(0.01)
        client.leave()
        return len(set(client.seen)) == len(client.seen) == expected

    missed = min(_RESUMABLE, head // 2) - 1
    await reader.measure(f"coming back after {missed} messages", 12, lambda: resume(missed, missed))
    if head > 2 * _RESUMABLE:
        await reader.measure(f"coming back after {head - 2:,} messages", 12, lambda: resume(head - 2, 0))


def _seqs(page: Mapping[str, Any]) -> list[int]:
    return [message["seq"] for message in page["messages"]]


def main(given: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="bin/prove large", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--entries", type=int, default=20_000, help="how long the log becomes (20,000)")
    options = parser.parse_args(given)
    return run_proof(lambda stage: prove(stage, options.entries))


if __name__ == "__main__":
    run_command(main)
