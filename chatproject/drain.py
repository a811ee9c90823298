"""Going down without a stampede: before the server closes its sockets, each client is told when to come back.

Requests that wait for something to happen would hold the server up until its patience ends: then they are let go.
"""

import asyncio
import contextlib
import signal
from collections.abc import Callable
from types import FrameType
from typing import Any

# How long the announcements have to be sent before the server closes its sockets.
_ANNOUNCE_SECONDS = 0.2


def drain_on_terminate(announce_shutdown: Callable[[], None], let_go: Callable[[], None]) -> None:
    """Announce the shutdown when the process is asked to end; a moment later pass the signal on to the server."""
    loop = asyncio.get_running_loop()
    with contextlib.suppress(ValueError):  # not in the main thread: somebody else minds the signals
        for number in (signal.SIGTERM, signal.SIGINT):
            before = signal.getsignal(number)
            signal.signal(number, _handler(loop, announce_shutdown, let_go, before))


def _handler(
    loop: asyncio.AbstractEventLoop, announce_shutdown: Callable[[], None], let_go: Callable[[], None], before: Any
) -> Any:
    said = False

    def hand_on(number: int, frame: FrameType | None) -> None:
        if callable(before):
            before(number, frame)

    def leave(number: int) -> None:
        hand_on(number, None)
        let_go()

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal said
        if said:
            hand_on(number, frame)
            return
        said = True
        loop.call_soon_threadsafe(announce_shutdown)
        loop.call_soon_threadsafe(loop.call_later, _ANNOUNCE_SECONDS, leave, number)

    return handle
