"""ASGI middleware: refuses a body that is too slow, and around Django one that is too large or anonymous, unspooled."""

import asyncio
import math
import re
import time
from contextlib import ExitStack

from django.conf import settings

from foundation.errors import AppError, TooLarge, Unavailable
from realtime.transport.request import headers_of

from .refusal import Application, Message, Receive, Scope, Send, refuse
from .uploaders import Uploaders

UPLOAD_PATH = "/api/upload"
# The parts of uploads that may be resumed.
PARTS_PATH = "/api/uploads/"
# Pictures of people and groups, by the API and by the form of a page.
_PICTURES = re.compile(r"PUT /api/(users/me|groups/[^/]+)/picture|POST /(profile|groups/[^/]+)/picture")
# How long a body may stall, or lag behind MIN_BODY_RATE, since it keeps a connection and a temporary file.
IDLE_SECONDS = 30.0

_GONE: Message = {"type": "http.disconnect"}


class BodyPace:
    """Wraps an HTTP application that has bounds of its own for how large a body may be."""

    def __init__(self, app: Application) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = _MeasuredBody(math.inf, headers_of(scope), receive, send)
        await self.app(scope, body.receive, body.send)


class BodyLimit:
    """Wraps an HTTP application; an upload may be as large as one file or picture, anything else `MAX_BODY_BYTES`."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self._uploaders = Uploaders()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = headers_of(scope)
        # MAX_BODY_BYTES more, for the form's other fields and the boundaries.
        upload_bytes = _upload_bytes(scope)
        body = _MeasuredBody(settings.MAX_BODY_BYTES + upload_bytes, headers, receive, send)
        if not upload_bytes:
            await self._run(scope, body)
            return
        with ExitStack() as under_way:
            try:
                user_id = await self._uploaders.require_uploader(headers)
                under_way.enter_context(self._uploaders.upload(user_id))
            except AppError as error:
                await refuse(error, headers, receive, send)
                return
            await self._run(scope, body)

    async def _run(self, scope: Scope, body: "_MeasuredBody") -> None:
        if not await body.refused_by_its_length():
            await self.app(scope, body.receive, body.send)


class _MeasuredBody:
    """Counts a body while it is read; the client of one that is too large or slow gets 413 or 408.

    The application then gets a disconnect. Only time in which the client is waited for counts.
    """

    def __init__(self, limit: float, headers: dict[str, str], receive: Receive, send: Send) -> None:
        self._limit, self._headers = limit, headers
        self._receive, self._send = receive, send
        self._size = 0
        # Seconds that the client may still take: in all, and until it must have sent more.
        self._left, self._patience = settings.BODY_TIMEOUT, IDLE_SECONDS
        self._complete = False
        self._response_started = False
        self._refused = False

    async def refused_by_its_length(self) -> bool:
        """Refuse a body whose declared length is over the limit, and return whether it was."""
        if _declared_length(self._headers) > self._limit:
            await refuse(_too_large(self._limit), self._headers, self._receive, self._send)
            return True
        return False

    async def receive(self) -> Message:
        if self._refused:
            return _GONE
        if self._complete:
            return await self._receive()
        started = time.monotonic()
        try:
            async with asyncio.timeout(min(self._patience, self._left)):
                message = await self._receive()
        except TimeoutError:
            return await self._stop(Unavailable("The body comes too slowly."), status=408)
        self._count(len(message.get("body", b"")), time.monotonic() - started)
        if self._size > self._limit:
            return await self._stop(_too_large(self._limit), more=message.get("more_body", False))
        self._complete = not message.get("more_body", False)
        return message

    def _count(self, size: int, seconds: float) -> None:
        self._size += size
        self._left -= seconds
        self._patience = min(IDLE_SECONDS, self._patience - seconds + size / settings.MIN_BODY_RATE)

    async def send(self, message: Message) -> None:
        self._response_started = True
        if not self._refused:
            await self._send(message)

    async def _stop(self, error: AppError, *, status: int | None = None, more: bool = False) -> Message:
        self._refused = True
        if not self._response_started:
            await refuse(error, self._headers, self._receive, self._send, status=status, more=more)
        return _GONE


def is_streamed(scope: Scope) -> bool:
    """Return whether a request has files that are stored while they come.

    A form that has its CSRF token in a field is none: Django reads it before it knows who calls. Nor is one with an
    Idempotency-Key, which is compared with what came under the key before.
    """
    if _is_form(scope):
        headers = headers_of(scope)
        if "idempotency-key" in headers:
            return False
        return "authorization" in headers or "x-csrftoken" in headers
    return _is_part(scope)


def _upload_bytes(scope: Scope) -> int:
    """Return how many bytes what a request uploads may have, 0 for one that uploads nothing."""
    if _PICTURES.fullmatch(f"{scope['method']} {scope['path']}"):
        return settings.MAX_PICTURE_BYTES
    return settings.MAX_FILE_BYTES if _is_part(scope) or _is_form(scope) else 0


def _is_part(scope: Scope) -> bool:
    return bool(scope["method"] == "PATCH" and scope["path"].startswith(PARTS_PATH))


def _is_form(scope: Scope) -> bool:
    return bool(scope["method"] == "POST" and scope["path"] == UPLOAD_PATH)


def _too_large(limit: float) -> TooLarge:
    return TooLarge(f"The body of this request may have up to {limit} bytes.")


def _declared_length(headers: dict[str, str]) -> int:
    # The server has checked the header if it relies on it; for anything but a number the body is counted.
    declared = headers.get("content-length", "")
    return int(declared) if declared.isascii() and declared.isdigit() and len(declared) < 20 else 0
