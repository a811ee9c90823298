"""ASGI middleware around Django: refuses a body that is too large, too slow or anonymous before Django spools it."""

import asyncio

from django.conf import settings
from django.http import parse_cookie

from foundation.errors import AppError, TooLarge, Unauthenticated, Unavailable
from realtime.transport.request import headers_of

from .refusal import Application, Message, Receive, Scope, Send, refuse

UPLOAD_PATH = "/api/upload"
# How long a body may stall, since it keeps a connection and a temporary file.
IDLE_SECONDS = 60.0

_GONE: Message = {"type": "http.disconnect"}


class BodyLimit:
    """Wraps an HTTP application; an upload may be as large as one file, anything else `MAX_BODY_BYTES`."""

    def __init__(self, app: Application) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = headers_of(scope)
        limit = settings.MAX_BODY_BYTES
        if scope["path"] == UPLOAD_PATH:
            # MAX_BODY_BYTES more, for the form's other fields and the boundaries.
            limit += settings.MAX_FILE_BYTES
            # The view checks the credentials; without any, no temporary file is needed to refuse the upload.
            if scope["method"] == "POST" and not _has_credentials(headers):
                await refuse(Unauthenticated(), headers, receive, send)
                return
        if _declared_length(headers) > limit:
            await refuse(_too_large(limit), headers, receive, send)
            return
        body = _MeasuredBody(limit, headers, receive, send)
        await self.app(scope, body.receive, body.send)


class _MeasuredBody:
    """Counts a body while it is read; over the limit, the client gets 413, and the application a disconnect."""

    def __init__(self, limit: int, headers: dict[str, str], receive: Receive, send: Send) -> None:
        self._limit, self._headers = limit, headers
        self._receive, self._send = receive, send
        self._size = 0
        self._complete = False
        self._response_started = False
        self._refused = False

    async def receive(self) -> Message:
        if self._refused:
            return _GONE
        if self._complete:
            return await self._receive()
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                message = await self._receive()
        except TimeoutError:
            return await self._stop(Unavailable("The body stopped coming."), status=408)
        self._size += len(message.get("body", b""))
        if self._size > self._limit:
            return await self._stop(_too_large(self._limit), more=message.get("more_body", False))
        self._complete = not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        self._response_started = True
        if not self._refused:
            await self._send(message)

    async def _stop(self, error: AppError, *, status: int | None = None, more: bool = False) -> Message:
        self._refused = True
        if not self._response_started:
            await refuse(error, self._headers, self._receive, self._send, status=status, more=more)
        return _GONE


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body of this request may have up to {limit} bytes.")


def _has_credentials(headers: dict[str, str]) -> bool:
    return "authorization" in headers or settings.SESSION_COOKIE in parse_cookie(headers.get("cookie", ""))


def _declared_length(headers: dict[str, str]) -> int:
    # The server has checked the header if it relies on it; for anything but a number the body is counted.
    declared = headers.get("content-length", "")
    return int(declared) if declared.isascii() and declared.isdigit() and len(declared) < 20 else 0
