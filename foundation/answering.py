"""How long a caller waits for an answer: `STORE_TIMEOUT` in all, however many calls to engines it needs."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any, TypeVar

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest

from .errors import Unavailable

T = TypeVar("T")

# A form with files, and a part of an upload that may be resumed.
_FILES = ("multipart/form-data", "application/offset+octet-stream")

# Of the HTTP request that is handled in this context, in monotonic time.
_deadline: ContextVar[float | None] = ContextVar("_deadline", default=None)


def deadline() -> float:
    """Return when what begins now must be answered: in monotonic time, and not later than its HTTP request."""
    return _deadline.get() or from_now()


def from_now() -> float:
    return time.monotonic() + float(settings.STORE_TIMEOUT)


async def in_time(awaitable: Awaitable[T], until: float | None = None) -> T:
    """Await it until this time, or until `deadline()`; then cancel it and raise `Unavailable`.

    Whether what it does has happened is not known then.
    """
    remaining = (deadline() if until is None else until) - time.monotonic()
    try:
        async with asyncio.timeout(remaining):
            return await awaitable
    except TimeoutError as error:
        raise Unavailable from error


class DeadlineMiddleware:
    """Django middleware that starts the clock of a request; its body has been read by then.

    Not that of files: what it does takes as long as they are large, and each part of that has its own clock.
    """

    sync_capable, async_capable = False, True

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[Any]]) -> None:
        self._get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> Any:
        token = _deadline.set(None if request.content_type in _FILES else from_now())
        try:
            return await self._get_response(request)
        finally:
            _deadline.reset(token)
