"""Hashes and verifies passwords beside the event loop: two at a time, and a bounded number of them wait.

Each is 0.1 s of a core and 64 MiB: without a bound, whoever guesses passwords would stop the server.
"""

import asyncio
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.contrib.auth.hashers import make_password, verify_password

from foundation.errors import Unavailable

T = TypeVar("T")

AT_ONCE, MAX_PENDING = 2, 24
_RETRY_AFTER = 2.0
_threads = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="password-hashes")
_places = threading.BoundedSemaphore(MAX_PENDING)


async def hash_password(password: str) -> str:
    """Return the hash to store; raises `Unavailable` when too many wait already."""
    return await _run(make_password, _composed(password))


async def check_password(password: str, stored: str | None) -> tuple[bool, bool]:
    """Return whether the password is right, and whether its hash should be made anew.

    Without a stored hash it is wrong, and costs what one hash costs. Raises `Unavailable` when too many wait already.
    """
    if stored is None:
        await _run(make_password, _composed(password))
        return False, False
    return await _run(verify_password, _composed(password), stored)


def _composed(password: str) -> str:
    """Return the same text for the same characters, however a keyboard has composed them (NIST SP 800-63B)."""
    return unicodedata.normalize("NFKC", password)


async def _run(function: Callable[..., T], *args: Any) -> T:
    if not _places.acquire(blocking=False):
        raise Unavailable("Too many people sign in at this moment: try again.", retry_after=_RETRY_AFTER)
    future = _threads.submit(function, *args)
    # When its thread is done, or it was cancelled before it began: what a caller that went away has begun still counts.
    future.add_done_callback(lambda _: _places.release())
    return await asyncio.wrap_future(future)
