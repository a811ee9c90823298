"""Requests that come twice: a client, a browser or a balancer repeats one whose connection broke before the response.

If the process that relayed a GET dies with its response, the packets in it are no longer in the session: the repeated
GET must get the same ones, for the client would not notice the gap. And a repeated POST must not be handled twice.
Official clients send a stamp with each request (`t`), by which a repeated one is known.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from .operations import Operation


def stamp_of(query: Mapping[str, Sequence[str]]) -> str:
    """Return a request's stamp, or nothing. Digits alone do not count: they may be a clock that two requests read."""
    stamp = query.get("t", [""])[0]
    return "" if stamp.isdigit() else stamp


class RequestDeduplicator:
    """The last request of each kind in each session, with its result."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], tuple[str, asyncio.Task[Any]]] = {}

    async def run_once(self, sid: str, kind: str, stamp: str, work: Callable[[], Awaitable[Any]]) -> Any:
        """Run the work and return its result, or raise its error; a request with the last stamp shares the last run."""
        if not stamp:
            return await work()
        last_stamp, task = self._last.get((sid, kind), ("", None))
        if task is None or last_stamp != stamp:
            task = asyncio.create_task(_run(work))
            # Marks its error as retrieved: every request that awaits it may have been cancelled.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._last[sid, kind] = (stamp, task)
        # shield: cancelling one of the requests must not cancel the shared run.
        return await asyncio.shield(task)

    def forget(self, sid: str) -> None:
        for kind in (Operation.POLL, Operation.POST):
            self._last.pop((sid, kind), None)


async def _run(work: Callable[[], Awaitable[Any]]) -> Any:
    return await work()
