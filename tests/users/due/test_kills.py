"""Three workers that are killed and paused at any point: what is planned is done once, what is cancelled never."""

import asyncio
import random
from dataclasses import dataclass, field

import pytest

from users.due import handlers, rows
from users.due.entry import Due
from users.due.handlers import Handler
from users.due.worker import Worker

from .conftest import LEASE, Clock, waiting, work

_PLANS, _STEPS = 12, 40


@dataclass
class Plans(Handler):
    """Plans in memory, as apps keep theirs in rows; check and effect are one step, as a condition makes them."""

    chance: random.Random
    clock: Clock
    at: dict[str, int] = field(default_factory=dict)
    done: list[tuple[str, int]] = field(default_factory=list)
    is_calm: bool = False
    paused: list[asyncio.Event] = field(default_factory=list)
    kind = "simulated"

    async def handle(self, entry: Due) -> None:
        await self._suffer()
        if self.at.get(entry.key) == entry.at:
            del self.at[entry.key]
            self.done.append((entry.key, self.clock.in_ms(0)))
        await self._suffer()

    async def _suffer(self) -> None:
        """Go on, die, or stand still until after the lease."""
        if self.is_calm:
            return
        match self.chance.randrange(5):
            case 0:
                raise asyncio.CancelledError
            case 1:
                self.paused.append(asyncio.Event())
                await self.paused[-1].wait()

    def resume(self) -> None:
        for event in self.paused:
            event.set()
        self.paused.clear()

    # --- what people do: each changes the plan and its entry together -------------------------------------------------
    async def plan(self, key: str) -> None:
        at = self.clock.in_ms(self.chance.uniform(-10, 200))
        self.at[key] = at
        await rows.put(Due(self.kind, key, at))

    async def cancel(self, key: str) -> bool:
        """Cancel what is still to be done; the entry is left, as one that waits to be tried again is."""
        return self.at.pop(key, None) is not None


@pytest.mark.parametrize("seed", range(6))
async def test_each_plan_is_done_once_whoever_dies(monkeypatch: pytest.MonkeyPatch, clock: Clock, seed: int) -> None:
    chance = random.Random(seed)
    plans = Plans(chance, clock)
    monkeypatch.setattr(handlers, "_handlers", {plans.kind: plans})
    monkeypatch.setattr("users.due.worker._ROUND", 0.02)
    workers = [Worker(clock=clock, lease=LEASE) for _ in range(3)]
    keys = [f"plan{number}" for number in range(_PLANS)]
    cancelled: set[str] = set()
    planned: dict[str, int] = {}
    for key in keys:
        await plans.plan(key)
        planned[key] = plans.at[key]
    for _ in range(_STEPS):
        await asyncio.gather(*(each.run_round() for each in chance.sample(workers, chance.randrange(1, 4))))
        match chance.randrange(6):
            case 0:
                key = chance.choice(keys)
                if await plans.cancel(key):
                    cancelled.add(key)
            case 1:
                if key := chance.choice([*plans.at, ""]):
                    await plans.plan(key)
                    planned[key] = plans.at[key]
            case 2:
                plans.resume()
            case _:
                clock.now += chance.choice((1, 10, LEASE + 1))
    plans.is_calm = True
    plans.resume()
    clock.now += 1000
    await work(*workers)
    clock.now += LEASE + 1000
    await work(*workers)
    assert sorted(key for key, _ in plans.done) == sorted(set(keys) - cancelled)
    assert all(at >= planned[key] for key, at in plans.done)
    assert await waiting() == []
