"""Runs a coroutine on uvloop so that a signal cancels it: uvloop swallows exceptions raised by signal handlers."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop

from bin.local.console import Stop

T = TypeVar("T")
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run_on_loop(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return the coroutine's result; raises `Stop` after SIGINT, SIGTERM or SIGHUP."""
    handlers = {signum: signal.getsignal(signum) for signum in _SIGNALS}
    received: list[int] = []

    async def main() -> T:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()

        def stop(signum: int) -> None:
            received.append(signum)
            if task:
                task.cancel()

        for signum in _SIGNALS:
            loop.add_signal_handler(signum, stop, signum)
        return await coroutine

    try:
        return uvloop.run(main())
    except asyncio.CancelledError:
        if received:
            raise Stop(received[0]) from None
        raise
    finally:
        for signum, handler in handlers.items():
            signal.signal(signum, handler)
