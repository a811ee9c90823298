"""Looks up the names of push services: one look-up a name at a time, shared by those who wait, none of them for long.

A look-up is a call of the system, which nobody can cancel: it holds a thread until a name server has answered, or for
half a minute. So names that were found before have threads of their own, and hostile ones only hinder each other.
"""

import asyncio
import socket
import threading
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpcore

from .origins import Crowded

# Seconds that those who send wait for a look-up; its thread may go on.
DEADLINE = 5.0
# How many look-ups may be under way, of names that were found before, and of all others together.
_KNOWN, _NEW = 8, 4
# How many may be under way or wait for a thread, and of how many names the addresses are kept.
_MAX_ASKED, _MAX_KEPT = 100, 500
# Seconds for which addresses are used as they are; and while they are looked up again beside, however long that takes.
_FRESH, _STALE = 60.0, 3600.0


@dataclass(frozen=True, slots=True)
class _Found:
    addresses: tuple[str, ...]
    at: float

    @property
    def age(self) -> float:
        return time.monotonic() - self.at


class Names:
    """The look-ups of one event loop, and what they have found."""

    def __init__(self) -> None:
        self._found: OrderedDict[str, _Found] = OrderedDict()
        self._asked: dict[str, asyncio.Task[tuple[str, ...]]] = {}
        self._known_threads, self._new_threads = asyncio.Semaphore(_KNOWN), asyncio.Semaphore(_NEW)
        # Names whose look-up went beyond the deadline: the next one is as that of a new name.
        self._slow: set[str] = set()

    async def find(self, name: str) -> tuple[str, ...]:
        """Return the addresses of a name, in lower case and without a dot at its end.

        Raises `httpcore.ConnectError` if it has none, or they are not known in time, and `Crowded` if there was no turn
        for this name.
        """
        found = self._found.get(name)
        if found and found.age < _FRESH:
            return found.addresses
        asked = self._ask(name)
        if found and found.age < _STALE:
            return found.addresses
        try:
            # shield: who gives up waiting must not cancel the look-up that others share.
            async with asyncio.timeout(DEADLINE):
                return await asyncio.shield(asked)
        except TimeoutError:
            self._slow.add(name)
            raise httpcore.ConnectError("Its name is not found in time.") from None

    def _ask(self, name: str) -> asyncio.Task[tuple[str, ...]]:
        """Return the look-up of a name that is under way, a new one if there is none."""
        if name in self._asked:
            return self._asked[name]
        task = self._asked[name] = asyncio.create_task(self._look_up(name))
        task.add_done_callback(lambda done: self._forget(name, done))
        return task

    def _forget(self, name: str, done: asyncio.Task[tuple[str, ...]]) -> None:
        del self._asked[name]
        if not done.cancelled():
            done.exception()  # nobody may wait for it any more

    async def _look_up(self, name: str) -> tuple[str, ...]:
        if len(self._asked) > _MAX_ASKED:
            raise Crowded
        is_known = name in self._found and name not in self._slow
        threads = self._known_threads if is_known else self._new_threads
        try:
            async with asyncio.timeout(DEADLINE / 2):
                await threads.acquire()
        except TimeoutError:
            raise Crowded from None
        try:
            addresses = await _in_thread(name)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError("Its name is not known.") from error
        finally:
            threads.release()
        self._keep(name, addresses)
        return addresses

    def _keep(self, name: str, addresses: tuple[str, ...]) -> None:
        self._found[name] = _Found(addresses, time.monotonic())
        self._found.move_to_end(name)
        if len(self._found) > _MAX_KEPT:
            self._found.popitem(last=False)
        self._slow.discard(name)

    def close(self) -> None:
        for task in list(self._asked.values()):
            task.cancel()


async def _in_thread(name: str) -> tuple[str, ...]:
    """Look a name up in a thread of its own, for which no process waits when it ends."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[Any]] = loop.create_future()

    def tell(found: list[Any], error: Exception | None) -> None:
        if answer.done():
            return
        if error:
            answer.set_exception(error)
        else:
            answer.set_result(found)

    def run() -> None:
        found, error = list[Any](), None
        try:
            found = look_up(name)
        except Exception as raised:  # whoever waits is told
            error = raised
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(tell, found, error)

    threading.Thread(target=run, name="push-names", daemon=True).start()
    # Without the zone of a link-local address.
    return tuple(dict.fromkeys(str(each[4][0]).partition("%")[0] for each in await answer))


def look_up(name: str) -> list[Any]:
    """Ask the system for the addresses of a name; takes as long as it takes."""
    return socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
