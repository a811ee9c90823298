"""People who are let into a group and put out again while others talk: from then on they must hear nothing of it."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from .client import User
from .evidence import CHANGES, Visit
from .reading import Api
from .wires import KINDS, Wire, WireLost

# Seconds for which a visitor is in the group, and is listened to after it; and how often the wire is dropped meanwhile.
_STAY = _LINGER = (0.5, 3.0)
_DROPS = 0.3


class Visitor:
    """Somebody who listens on one wire after another, and writes down what comes of one group."""

    def __init__(self, user: User, group_id: str, urls: Sequence[str], chance: random.Random) -> None:
        self.visit = Visit(user.id, group_id)
        self._user, self._urls, self._chance = user, urls, chance

    async def listen(self) -> None:
        """Listen for ever, now and then from another place."""
        while True:
            wire = KINDS[self._chance.choice(list(KINDS))](self._on_event)
            try:
                # Nothing is asked for that was missed: it would be told again to a member who comes back.
                await wire.open(self._chance.choice(self._urls), {"token": self._user.token})
                await self._stay(wire)
            except WireLost:
                pass
            finally:
                await wire.drop()
            await asyncio.sleep(0.1)

    async def _stay(self, wire: Wire) -> None:
        while self._chance.random() > _DROPS:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(wire.lost.wait(), 0.5)
                return

    def _on_event(self, event: str, data: Any = None) -> None:
        if event in CHANGES and data["groupId"] == self.visit.group_id:
            self.visit.told.append(data["seq"])


class Door:
    """Lets visitors into one group, one after the other, each once."""

    def __init__(
        self, group_id: str, owner: User, visitors: Iterable[User], *, api: Api, urls: Sequence[str], seed: int
    ) -> None:
        self.visits: list[Visit] = []
        self.stats: Counter[str] = Counter()
        self._group_id, self._owner, self._visitors = group_id, owner, visitors
        self._api, self._urls = api, urls
        self._chance = random.Random(seed)

    async def swing(self, quiet: asyncio.Event) -> None:
        """Go on until it is quiet or everybody was in; the group is as it was at the return."""
        for user in self._visitors:
            if quiet.is_set():
                return
            visitor = Visitor(user, self._group_id, self._urls, self._chance)
            listening = asyncio.create_task(visitor.listen())
            try:
                await asyncio.sleep(self._chance.uniform(*_STAY))
                await self._api.add_member(self._group_id, user.id, self._owner.token)
                await asyncio.sleep(self._chance.uniform(*_STAY))
                await self._api.remove_member(self._group_id, user.id, self._owner.token)
                await asyncio.sleep(self._chance.uniform(*_LINGER))
            finally:
                listening.cancel()
                await asyncio.wait({listening})
            self.visits.append(visitor.visit)
            self.stats["visitors"] += 1
            self.stats["changes told to visitors"] += len(visitor.visit.told)
