"""Hashes and verifies passwords beside the event loop: two at a time, and a bounded number of them wait.

Each is 0.1 s of a core and 64 MiB: without a bound, whoever guesses passwords would stop the server. Strangers have
half of the places: those who are here, or have a link, get in beside any number of them.
"""

import asyncio
import threading
import unicodedata
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.contrib.auth.hashers import make_password, verify_password

from foundation.errors import Unavailable

T = TypeVar("T")

AT_ONCE, MAX_PENDING, MAX_STRANGERS = 2, 24, 12
_RETRY_AFTER = 2.0
_threads = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="password-hashes")
_places, _strangers_places = threading.BoundedSemaphore(MAX_PENDING), threading.BoundedSemaphore(MAX_STRANGERS)


async def hash_password(password: str) -> str:
    """Return the hash to store; raises `Unavailable` when too many wait already."""
    return await _run((_places,), make_password, _composed(password))


async def check_password(password: str, stored: str | None, *, by_stranger: bool = False) -> tuple[bool, bool]:
    """Return whether the password is right, and whether its hash should be made anew.

    Without a stored hash it is wrong, and costs what one hash costs. Raises `Unavailable` when too many wait already,
    or too many strangers and this is one.
    """
    places = (_strangers_places, _places) if by_stranger else (_places,)
    if stored is None:
        await _run(places, make_password, _composed(password))
        return False, False
    return await _run(places, verify_password, _composed(password), stored)


def _composed(password: str) -> str:
    """Return the same text for the same characters, however a keyboard has composed them (NIST SP 800-63B)."""
    return unicodedata.normalize("NFKC", password)


async def _run(places: Sequence[threading.BoundedSemaphore], function: Callable[..., T], *args: Any) -> T:
    taken = [each for each in places if each.acquire(blocking=False)]
    if len(taken) < len(places):
        _give_back(taken)
        raise Unavailable("Too many people sign in at this moment: try again.", retry_after=_RETRY_AFTER)
    future = _threads.submit(function, *args)
    # When its thread is done, or it was cancelled before it began: what a caller that went away has begun still counts.
    future.add_done_callback(lambda _: _give_back(taken))
    return await asyncio.wrap_future(future)


def _give_back(places: Sequence[threading.BoundedSemaphore]) -> None:
    for each in places:
        each.release()
