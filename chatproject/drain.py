"""Shuts down without a stampede: before the server closes its sockets, each client learns when to reconnect.

From the signal on the process says that it is not ready, for `DRAIN_SECONDS` before anything else. Pending long polls
are ended last: they would delay the shutdown until the server's timeout.
"""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Awaitable, Callable
from types import FrameType
from typing import Any

from django.conf import settings

from foundation.draining import begin_draining

logger = logging.getLogger(__name__)

OnDrained = Callable[[], Awaitable[None]]

# How long the announcements have to be written before the server closes its sockets, and `on_drained` to return.
_ANNOUNCE_SECONDS, _STOP_SECONDS = 0.2, 5.0


def drain_on_terminate(
    announce_shutdown: Callable[[], None], end_polls: Callable[[], None], on_drained: OnDrained | None = None
) -> None:
    """On SIGTERM and SIGINT, announce the shutdown, and a moment later call the server's own signal handler.

    Before that, await `on_drained` for some seconds at most.
    """
    loop = asyncio.get_running_loop()
    with contextlib.suppress(ValueError):  # signals are handled in the main thread only
        for number in (signal.SIGTERM, signal.SIGINT):
            drain = _Drain(loop, announce_shutdown, end_polls, on_drained, signal.getsignal(number))
            signal.signal(number, drain.handle)


class _Drain:
    """The handler of one signal."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        announce_shutdown: Callable[[], None],
        end_polls: Callable[[], None],
        on_drained: OnDrained | None,
        server_handler: Any,
    ) -> None:
        self._loop, self._announce_shutdown, self._end_polls = loop, announce_shutdown, end_polls
        self._on_drained, self._server_handler = on_drained, server_handler
        self._draining: asyncio.Task[None] | None = None
        self._is_announced = False

    def handle(self, number: int, frame: FrameType | None) -> None:
        if self._is_announced:
            self._call_server_handler(number, frame)
            return
        self._is_announced = True
        begin_draining()
        self._loop.call_soon_threadsafe(self._start, number)

    def _start(self, number: int) -> None:
        self._draining = asyncio.ensure_future(self._drain(number))

    async def _drain(self, number: int) -> None:
        await asyncio.sleep(settings.DRAIN_SECONDS)
        self._announce_shutdown()
        await asyncio.sleep(_ANNOUNCE_SECONDS)
        if self._on_drained:
            self._end_polls()
            await self._stop(self._on_drained)
            self._call_server_handler(number, None)
        else:
            self._call_server_handler(number, None)
            self._end_polls()

    async def _stop(self, on_drained: OnDrained) -> None:
        try:
            await asyncio.wait_for(on_drained(), _STOP_SECONDS)
        except Exception:  # the server must end all the same
            logger.exception("the process could not be stopped properly")

    def _call_server_handler(self, number: int, frame: FrameType | None) -> None:
        if callable(self._server_handler):
            self._server_handler(number, frame)
