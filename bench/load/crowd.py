"""The members of a fixture's groups, all connected."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .client import Client
from .fixture import Fixture
from .notes import Notes
from .verdict import Verdict, judge_group

AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a client sits: the server that it connects to and the group that it belongs to, by its number."""

    url: str
    group: int
    client: Client


class Crowd:
    """The first `members` of the first `groups`, each with one connection.

    With several servers the members are spread over them; but the first `senders` of a group share one, for a store
    front that stores nothing cannot tell two servers that they write the same place in a log.
    """

    def __init__(
        self,
        notes: Notes,
        fixture: Fixture,
        urls: Sequence[str],
        *,
        groups: int,
        members: int,
        senders: int,
        since: Mapping[str, int] | None = None,
    ) -> None:
        self.notes = notes
        self.group_ids = [group.id for group in fixture.groups[:groups]]
        self.seats = [
            Seat(urls[(number + (place if place >= senders else 0)) % len(urls)], number, client)
            for number, group in enumerate(fixture.groups[:groups])
            for place, user_id in enumerate(group.members[:members])
            for client in [Client(notes, fixture.tokens[user_id], since)]
        ]

        self.rooms: list[list[Client]] = [[] for _ in self.group_ids]
        for seat in self.seats:
            self.rooms[seat.group].append(seat.client)

    async def connect(self, seats: Sequence[Seat] | None = None, *, at_once: int = AT_ONCE) -> None:
        """Connect everybody, or those in these seats, and return when the last one was let in."""
        places = asyncio.Semaphore(at_once)

        async def connect(seat: Seat) -> None:
            async with places:
                await seat.client.connect(seat.url)

        await asyncio.gather(*map(connect, seats or self.seats))

    async def until_ready(self, seats: Sequence[Seat] | None = None) -> None:
        """Wait until our server has brought them to where they get their events."""
        await asyncio.gather(*(seat.client.ready for seat in seats or self.seats))

    def leave(self) -> None:
        for seat in self.seats:
            seat.client.leave()

    def verdict(self) -> Verdict:
        acked: list[list[int]] = [[] for _ in self.rooms]
        for number in self.notes.acked:
            acked[self.notes.group_of[number]].append(number)
        total = Verdict()
        for room, numbers in zip(self.rooms, acked, strict=True):
            total += judge_group(numbers, [client.seen for client in room])
        return total
