"""Samples this process every HEALTH_INTERVAL: whether it serves, and what it tells the others of itself."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from django.conf import settings

from foundation.log_throttle import LogThrottle
from foundation.per_loop import PerLoop
from foundation.tasks import cancel_and_wait

from .probes import probes
from .workers import close_workers, workers

logger = logging.getLogger(__name__)


class Sampler:
    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []
        self._log_throttle = LogThrottle()

    def start(self) -> None:
        """Sample now and from now on, until `close`."""
        if not self._tasks:
            # Apart: a process that hangs on its own sockets must still be able to say so.
            self._tasks = [asyncio.create_task(self._repeat(act)) for act in (probes().run, workers().sample)]

    async def close(self) -> None:
        for task in self._tasks:
            await cancel_and_wait(task)

    async def _repeat(self, act: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await act()
            except Exception:  # a bug here must not end the figures of a process that serves
                if self._log_throttle.should_log():
                    logger.exception("this process could not be sampled")
            await asyncio.sleep(settings.HEALTH_INTERVAL)


sampler = PerLoop(Sampler)


async def close_sampler() -> None:
    """Stop sampling, and take this process out of the others' reports."""
    if running := sampler.pop():
        await running.close()
    await close_workers()
