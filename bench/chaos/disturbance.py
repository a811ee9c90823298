"""What breaks, when, and for how long: drawn from a seed, and all mended at the end."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from .stage import Stage

# Seconds between one blow and the next; most last as long, so that two things are often broken at once.
_PAUSE = (0.3, 2.5)
_AT_ONCE, _DOWN, _FROZEN = (0.0, 0.0), (0.0, 1.5), (0.3, 2.5)
# Now and then longer than a call to the store may take: then nobody knows whether it was made.
_STORE_HELD = (0.5, 5.0)

Act = Callable[[], Awaitable[None] | None]


@dataclass(frozen=True)
class Blow:
    """Something is struck, and mended after so many seconds."""

    what: str
    target: Any
    strike: Act
    mend: Act
    seconds: tuple[float, float]


def blows(stage: Stage) -> list[Blow]:
    """Return all that may befall a stage."""
    redis, store = stage.redis, stage.store
    return [
        *(Blow("server killed", server, server.kill, server.start, _DOWN) for server in stage.servers),
        *(Blow("server replaced", server, server.terminate, server.start, _AT_ONCE) for server in stage.servers),
        *(Blow("server frozen", server, server.freeze, server.thaw, _FROZEN) for server in stage.servers),
        Blow("Redis killed", redis, redis.kill, redis.start, _DOWN),
        Blow("Redis frozen", redis, redis.freeze, redis.thaw, _FROZEN),
        Blow("store cut off", store, store.cut, store.restore, _DOWN),
        Blow("store held up", store, store.hold, store.restore, _STORE_HELD),
    ]


class Disturbance:
    """Deals one blow after another; `done` counts them."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.done: Counter[str] = Counter()
        self._chance = random.Random(seed)
        self._blows = blows(stage)
        self._broken: set[int] = set()

    async def go_on(self, seconds: float) -> None:
        """Deal blows for so many seconds, and until each was dealt once; returns when all is mended."""
        deadline = time.monotonic() + seconds
        due = list(self._blows)
        async with asyncio.TaskGroup() as under_way:
            while due or time.monotonic() < deadline:
                await asyncio.sleep(self._chance.uniform(*_PAUSE))
                whole = [blow for blow in due or self._blows if id(blow.target) not in self._broken]
                if whole:
                    blow = self._chance.choice(whole)
                    due = [other for other in due if other is not blow]
                    self._broken.add(id(blow.target))
                    under_way.create_task(self._deal(blow))

    async def _deal(self, blow: Blow) -> None:
        self.done[blow.what] += 1
        await _do(blow.strike)
        try:
            await asyncio.sleep(self._chance.uniform(*blow.seconds))
        finally:
            await _do(blow.mend)
        self._broken.discard(id(blow.target))


async def _do(act: Act) -> None:
    if pending := act():
        await pending
