"""ASGI middleware around Django: the threads in which its views run, for all requests together.

Django would start a thread for each request, and let all of them compute at once.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from asgiref.sync import ThreadSensitiveContext

from foundation.limits import compute
from foundation.turns import turn

from .refusal import Application, Receive, Scope, Send

# How many requests may be under way in views, most of them waiting for an engine.
_MAX_THREADS = 256


def _in_turn(caller: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    with turn():
        began = time.thread_time()
        try:
            return function(*args, **kwargs)
        finally:
            compute.charge(caller, time.thread_time() - began)


class _Threads(ThreadPoolExecutor):
    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        return super().submit(_in_turn, compute.caller.get(), fn, *args, **kwargs)


class SharedThreads:
    """Has what Django does in threads done in those of this process, a few at a time (`foundation.turns`)."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self._threads = _Threads(_MAX_THREADS, "views")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Of a request's calls one runs at a time, as asgiref asks; that they run in one thread only matters to
        # connections to SQL databases, of which there are none.
        async with ThreadSensitiveContext(executor=self._threads):
            await self.app(scope, receive, send)
