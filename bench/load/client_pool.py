"""The connected members of a fixture's groups."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .client import Client
from .fixture import Fixture
from .recorder import Recorder
from .verdict import Verdict, check_group

CONCURRENCY = 50


@dataclass(frozen=True, slots=True)
class Slot:
    """A client with the server that it connects to and the index of its group."""

    url: str
    group: int
    client: Client


class ClientPool:
    """One client for each of the first `members` of the first `groups`.

    Clients are spread over the servers, except that the first `senders` of a group share one: a store proxy that stores
    nothing would let two servers write the same seq of a log.
    """

    def __init__(
        self,
        recorder: Recorder,
        fixture: Fixture,
        urls: Sequence[str],
        *,
        groups: int,
        members: int,
        senders: int,
        since: Mapping[str, int] | None = None,
        render: bool = False,
    ) -> None:
        self.recorder = recorder
        self.group_ids = [group.id for group in fixture.groups[:groups]]
        self.slots = [
            Slot(urls[(number + (place if place >= senders else 0)) % len(urls)], number, client)
            for number, group in enumerate(fixture.groups[:groups])
            for place, user_id in enumerate(group.members[:members])
            for client in [Client(recorder, fixture.tokens[user_id], since, render=render)]
        ]

        self.clients_by_group: list[list[Client]] = [[] for _ in self.group_ids]
        for slot in self.slots:
            self.clients_by_group[slot.group].append(slot.client)

    async def connect(self, slots: Sequence[Slot] | None = None, *, concurrency: int = CONCURRENCY) -> None:
        """Connect these clients, by default all, and return when the server has accepted every one."""
        semaphore = asyncio.Semaphore(concurrency)

        async def connect(slot: Slot) -> None:
            async with semaphore:
                await slot.client.connect(slot.url)

        await asyncio.gather(*map(connect, slots or self.slots))

    async def wait_until_ready(self, slots: Sequence[Slot] | None = None) -> None:
        """Wait until each of these clients has its `ready` event, which only our server sends."""
        await asyncio.gather(*(slot.client.ready for slot in slots or self.slots))

    def disconnect(self) -> None:
        for slot in self.slots:
            slot.client.disconnect()

    def verdict(self) -> Verdict:
        acked: list[list[int]] = [[] for _ in self.clients_by_group]
        for number in self.recorder.acked:
            acked[self.recorder.group_of[number]].append(number)
        total = Verdict()
        for clients, numbers in zip(self.clients_by_group, acked, strict=True):
            total += check_group(numbers, [client.received for client in clients])
        return total
