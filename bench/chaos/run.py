"""One run of chaos: the delivery check while servers, Redis and the line to the store break and are mended."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench.check_delivery import Check, Plan, Report

from .disturbance import Disturbance
from .stage import stage

_PROGRESS_EVERY = 10.0


@dataclass(frozen=True)
class Size:
    """How long, and how much; `pace` is the actions a second of one client."""

    seconds: float
    servers: int = 3
    clients: int = 40
    users: int = 30
    groups: int = 3
    members: int = 8
    pace: float = 1.0
    seed: int = 1


async def run(engines: Mapping[str, str], folder: Path, size: Size, say: Callable[[str], None]) -> Report:
    """Run it on this DynamoDB and MongoDB; what the servers had to say lies in `folder`."""
    async with stage(engines, folder, servers=size.servers) as scene:
        fixture = await scene.fixture(users=size.users, groups=size.groups, members=size.members)
        say(f"{size.servers} servers answer behind {scene.front.url}")
        plan = Plan([scene.front.url], fixture, size.seconds, size.clients, size.pace, size.seed)
        check, disturbance = Check(plan), Disturbance(scene, size.seed)
        telling = asyncio.create_task(_tell(check, disturbance, say))
        try:
            report = await check.run(lambda: disturbance.go_on(size.seconds))
        finally:
            telling.cancel()
            with suppress(asyncio.CancelledError):
                await telling
        report.stats += disturbance.done
        return report


async def _tell(check: Check, disturbance: Disturbance, say: Callable[[str], None]) -> None:
    """Say now and then how far it is."""
    seconds = 0.0
    while True:
        await asyncio.sleep(_PROGRESS_EVERY)
        seconds += _PROGRESS_EVERY
        seen, done = check.stats(), disturbance.done
        blows = ", ".join(f"{what} {count}x" for what, count in sorted(done.items()))
        say(f"[{seconds:5.0f} s] {seen['acknowledged']:,} acknowledged, {seen['changes told']:,} changes told; {blows}")
