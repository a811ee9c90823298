"""Requests that come twice: a client library, a browser or a balancer repeats one whose line broke.

The line may break after the session was asked, as when the process that relays it dies: then the packets of the answer
are gone from the session, and the client would take the next ones for the whole; or packets that it sent come twice.
Official clients stamp each request (`t`), so a repeated one is known, and gets what the first one got.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any


def stamp_of(query: Mapping[str, Sequence[str]]) -> str:
    """Return what a request is known by, or nothing: a mere number may be a clock that two requests read at once."""
    stamp = query.get("t", [""])[0]
    return "" if stamp.isdigit() else stamp


class RequestDeduplicator:
    """The last request of each kind that each session was asked, with what came of it."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], tuple[str, asyncio.Task[Any]]] = {}

    async def once(self, sid: str, kind: str, stamp: str, work: Callable[[], Awaitable[Any]]) -> Any:
        """Return what the work returns, or what it returned or will return to the same request; or raise it."""
        if not stamp:
            return await work()
        known, task = self._last.get((sid, kind), ("", None))
        if task is None or known != stamp:
            task = asyncio.create_task(_run(work))
            # Whoever asked may be gone; then nobody else reads what it raised.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._last[sid, kind] = (stamp, task)
        return await asyncio.shield(task)

    def forget(self, sid: str) -> None:
        for kind in ("poll", "post"):
            self._last.pop((sid, kind), None)


async def _run(work: Callable[[], Awaitable[Any]]) -> Any:
    return await work()
