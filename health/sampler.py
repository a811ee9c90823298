"""Samples this process every HEALTH_INTERVAL: whether it serves, and what it tells the others of itself."""

import asyncio
import logging

from django.conf import settings

from foundation.log_throttle import LogThrottle
from foundation.per_loop import PerLoop

from .probes import probes
from .workers import close_workers, workers

logger = logging.getLogger(__name__)


class Sampler:
    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None
        self._log_throttle = LogThrottle()

    def start(self) -> None:
        """Sample now and from now on, until `close`."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        while True:
            try:
                await probes().run()
                await workers().sample()
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
