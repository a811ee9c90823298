"""Users who are added to a group and removed again during the run: after that they must receive nothing from it."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from .evidence import CHANGE_EVENTS, TemporaryMembership
from .http_api import Api
from .listener import User
from .transports import TRANSPORT_FACTORIES, ConnectionLost, Transport

# Seconds before the user is added, in the group, and after the removal.
_BEFORE = _IN_GROUP = _AFTER = (0.5, 3.0)
# The chance, every half second, that the connection is dropped.
_DROP_CHANCE = 0.3


class TemporaryMember:
    """Listens on one connection after another and records the changes of one group."""

    def __init__(self, user: User, group_id: str, urls: Sequence[str], rng: random.Random) -> None:
        self.membership = TemporaryMembership(user.id, group_id)
        self._user, self._urls, self._random = user, urls, rng

    async def listen(self) -> None:
        """Listen until cancelled, reconnecting to a random server by a random transport."""
        while True:
            transport = TRANSPORT_FACTORIES[self._random.choice(list(TRANSPORT_FACTORIES))](self._on_event)
            try:
                # No `since`: a member who is added again may read the whole log, so missed changes prove nothing.
                await transport.open(self._random.choice(self._urls), {"token": self._user.token})
                await self._stay_connected(transport)
            except ConnectionLost:
                pass
            finally:
                await transport.drop()
            await asyncio.sleep(0.1)

    async def _stay_connected(self, transport: Transport) -> None:
        while self._random.random() > _DROP_CHANCE:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(transport.lost.wait(), 0.5)
                return

    def _on_event(self, event: str, data: Any = None) -> None:
        if event in CHANGE_EVENTS and data["groupId"] == self.membership.group_id:
            self.membership.received.append(data["seq"])


class MemberRotation:
    """Adds users to one group and removes them again, one after the other, each once."""

    def __init__(
        self, group_id: str, owner: User, users: Iterable[User], *, api: Api, urls: Sequence[str], seed: int
    ) -> None:
        self.memberships: list[TemporaryMembership] = []
        self.stats: Counter[str] = Counter()
        self._group_id, self._owner, self._users = group_id, owner, users
        self._api, self._urls = api, urls
        self._random = random.Random(seed)

    async def run(self, stopping: asyncio.Event) -> None:
        """Run until `stopping` is set or every user had a turn; returns with the group's members as they were."""
        for user in self._users:
            if stopping.is_set():
                return
            member = TemporaryMember(user, self._group_id, self._urls, self._random)
            listening = asyncio.create_task(member.listen())
            try:
                await asyncio.sleep(self._random.uniform(*_BEFORE))
                await self._api.add_member(self._group_id, user.id, self._owner.token)
                await asyncio.sleep(self._random.uniform(*_IN_GROUP))
                await self._api.remove_member(self._group_id, user.id, self._owner.token)
                await asyncio.sleep(self._random.uniform(*_AFTER))
            finally:
                listening.cancel()
                await asyncio.wait({listening})
            self.memberships.append(member.membership)
            self.stats["temporary members"] += 1
            self.stats["changes received by temporary members"] += len(member.membership.received)
