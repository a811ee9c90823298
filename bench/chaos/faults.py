"""Fault injection: which faults a cluster may suffer, and when; drawn from a seed, and all recovered at the end."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from .cluster import Cluster
from .store_proxy import StoreProxy, cut_response, delay, fail_after_write, read_partly, throttle

# Seconds between two faults. Most faults last about as long, so that two are often active at once.
_PAUSE = (0.3, 2.5)
_NO_DOWNTIME, _DOWNTIME, _FREEZE = (0.0, 0.0), (0.0, 1.5), (0.3, 2.5)
# May exceed the timeout of a call to MongoDB.
_MONGODB_FREEZE = (0.5, 5.0)
# May exceed the timeout of a store call: then the server does not know whether the write happened.
_STORE_STALL = (0.5, 5.0)

Action = Callable[[], Awaitable[None] | None]


@dataclass(frozen=True)
class Fault:
    """How to break `target` and how to recover it, after a random time within `seconds`."""

    name: str
    target: Any
    inject: Action
    recover: Action
    seconds: tuple[float, float]


def faults_of(cluster: Cluster) -> list[Fault]:
    """Return every fault that can be injected into the cluster."""
    redis, mongodb, line = cluster.redis, cluster.mongodb, cluster.store_line
    return [
        *(Fault("server killed", server, server.kill, server.start, _DOWNTIME) for server in cluster.servers),
        *(Fault("server replaced", server, server.terminate, server.start, _NO_DOWNTIME) for server in cluster.servers),
        *(Fault("server frozen", server, server.freeze, server.resume, _FREEZE) for server in cluster.servers),
        Fault("Redis killed", redis, redis.kill, redis.start, _DOWNTIME),
        Fault("Redis frozen", redis, redis.freeze, redis.resume, _FREEZE),
        Fault("MongoDB killed", mongodb, mongodb.kill, mongodb.start, _DOWNTIME),
        Fault("MongoDB frozen", mongodb, mongodb.freeze, mongodb.resume, _MONGODB_FREEZE),
        Fault("store cut off", line, line.cut, line.restore, _DOWNTIME),
        Fault("store stalled", line, line.stall, line.restore, _STORE_STALL),
        *store_failures(cluster.store),
    ]


def store_failures(store: StoreProxy) -> Iterator[Fault]:
    """Return every way in which the service itself may fail."""
    failures = {
        "throttled": throttle,
        "slow": delay,
        "reads partly": read_partly,
        "cuts responses": cut_response,
        "fails after writes": fail_after_write,
    }
    for name, failure in failures.items():
        yield Fault(f"store {name}", store, partial(store.fail, failure), store.restore, _STORE_STALL)


class FaultInjector:
    """Injects one fault after another; `injected` counts them by name."""

    def __init__(self, faults: Sequence[Fault], seed: int) -> None:
        self.injected: Counter[str] = Counter()
        self._random = random.Random(seed)
        self._faults = faults
        self._broken: set[int] = set()

    async def run(self, seconds: float) -> None:
        """Inject faults for this long, and until each was injected once; returns when all have recovered."""
        deadline = time.monotonic() + seconds
        remaining = list(self._faults)
        async with asyncio.TaskGroup() as active:
            while remaining or time.monotonic() < deadline:
                await asyncio.sleep(self._random.uniform(*_PAUSE))
                possible = [fault for fault in remaining or self._faults if id(fault.target) not in self._broken]
                if possible:
                    fault = self._random.choice(possible)
                    remaining = [other for other in remaining if other is not fault]
                    self._broken.add(id(fault.target))
                    active.create_task(self._inject(fault))

    async def _inject(self, fault: Fault) -> None:
        self.injected[fault.name] += 1
        await _call(fault.inject)
        try:
            await asyncio.sleep(self._random.uniform(*fault.seconds))
        finally:
            await _call(fault.recover)
        self._broken.discard(id(fault.target))


async def _call(action: Action) -> None:
    if pending := action():
        await pending
