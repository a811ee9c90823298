"""Runs a measurement on an event loop so that a signal ends it: uvloop swallows what a signal handler raises."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop

from bin.local.console import Stop

T = TypeVar("T")
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def on_loop(work: Coroutine[Any, Any, T]) -> T:
    """Return what `work` returns; raises `Stop` when a signal asked for the end."""
    before = {signum: signal.getsignal(signum) for signum in _SIGNALS}
    asked: list[int] = []

    async def main() -> T:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()

        def stop(signum: int) -> None:
            asked.append(signum)
            if task:
                task.cancel()

        for signum in _SIGNALS:
            loop.add_signal_handler(signum, stop, signum)
        return await work

    try:
        return uvloop.run(main())
    except asyncio.CancelledError:
        if asked:
            raise Stop(asked[0]) from None
        raise
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
