"""Shuts down without a stampede: before the server closes its sockets, each client learns when to reconnect.

Pending long polls are ended after that: they would delay the shutdown until the server's timeout.
"""

import asyncio
import contextlib
import signal
from collections.abc import Callable
from types import FrameType
from typing import Any

# How long the announcements have to be written before the server closes its sockets.
_ANNOUNCE_SECONDS = 0.2


def drain_on_terminate(announce_shutdown: Callable[[], None], end_polls: Callable[[], None]) -> None:
    """On SIGTERM and SIGINT, announce the shutdown, and a moment later call the server's own signal handler."""
    loop = asyncio.get_running_loop()
    with contextlib.suppress(ValueError):  # signals are handled in the main thread only
        for number in (signal.SIGTERM, signal.SIGINT):
            server_handler = signal.getsignal(number)
            signal.signal(number, _handler(loop, announce_shutdown, end_polls, server_handler))


def _handler(
    loop: asyncio.AbstractEventLoop,
    announce_shutdown: Callable[[], None],
    end_polls: Callable[[], None],
    server_handler: Any,
) -> Any:
    announced = False

    def call_server_handler(number: int, frame: FrameType | None) -> None:
        if callable(server_handler):
            server_handler(number, frame)

    def shut_down(number: int) -> None:
        call_server_handler(number, None)
        end_polls()

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal announced
        if announced:
            call_server_handler(number, frame)
            return
        announced = True
        loop.call_soon_threadsafe(announce_shutdown)
        loop.call_soon_threadsafe(loop.call_later, _ANNOUNCE_SECONDS, shut_down, number)

    return handle
