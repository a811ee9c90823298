"""Django's ASGI handler, with requests that any bytes can make."""

import asyncio
import re
from contextlib import closing, suppress
from typing import Any

from asgiref.sync import sync_to_async
from django.core.exceptions import DisallowedHost, RequestAborted
from django.core.handlers.asgi import ASGIHandler, ASGIRequest, get_script_prefix
from django.core.signals import request_finished, request_started
from django.http import UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix
from django.utils.functional import cached_property

from foundation import origin
from foundation.cookies import parse_cookies
from foundation.limits import compute
from foundation.limits.address import client_address
from realtime.transport.request import own_host

# A parameter of a media type that is encoded or continued (RFC 2231): of no use here, and Python's parser may raise
# anything.
_ENCODED_PARAMETER = re.compile(r";[^;,=*]*\*[^;,]*")
# What balancers ask, by the address of this machine: they know no name of it.
PROBED = frozenset(("/api/health", "/api/health/live", "/api/health/ready"))


class Request(ASGIRequest):
    """Django's request, whose head is read in a bounded time, and without an exception."""

    @cached_property
    def COOKIES(self) -> dict[str, str]:  # type: ignore[override] # Django's types say an attribute
        return parse_cookies(self.META.get("HTTP_COOKIE", ""))

    def get_host(self) -> str:
        try:
            return super().get_host()
        except DisallowedHost:
            if self.path not in PROBED:
                raise
            return own_host()

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        for name in ("HTTP_ACCEPT", "CONTENT_TYPE"):
            if "*" in meta.get(name, ""):
                meta[name] = _ENCODED_PARAMETER.sub("", meta[name])
        super()._set_content_type_params(meta)  # type: ignore[misc] # Django's types do not have it
        # Forms and JSON are UTF-8. Of another charset Django would say so by an exception wherever a form is looked at,
        # in the page that reports it too; and some "charsets" are compression, which is not bounded.
        self._encoding = None

    @property
    def body(self) -> bytes:
        try:
            return super().body
        except ValueError as error:
            # The client has hung up while its request waited, and Django has closed the file of its body.
            raise UnreadablePostError from error

    def parse_file_upload(self, *args: Any) -> Any:
        try:
            return super().parse_file_upload(*args)
        except (TypeError, ValueError) as error:
            # From the head of a part, in which a parameter is encoded; or the client has hung up, as above.
            raise MultiPartParserError("The form cannot be read.") from error


class Handler(ASGIHandler):
    """Handles a request as Django's does, but sends its signals and closes its answer without hops to a thread."""

    request_class = Request

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        with closing(body):
            origin.note_address(client_address(scope))
            set_script_prefix(get_script_prefix(scope))
            request_started.send(sender=type(self), scope=scope)
            request, refusal = self.create_request(scope, body)
            if request is not None:
                await self._answer_and_close(request, receive, send)
            elif refusal is not None:
                await self.send_response(refusal, send)
                refusal.close()

    async def _answer_and_close(self, request: ASGIRequest, receive: Any, send: Any) -> None:
        response = await self._answer_while_heard(request, receive, send)
        if response is None:
            # What is left of it may go on in a thread.
            request_finished.send(sender=type(self))
            return
        if response.streaming:
            # It may close a file.
            await sync_to_async(response.close)()
        else:
            response.close()
        _break_cycles(request, response)

    async def _answer_while_heard(self, request: ASGIRequest, receive: Any, send: Any) -> HttpResponseBase | None:
        """Return the response when it is sent; None if the client has hung up, for whom nothing more is done."""
        listening = asyncio.create_task(_wait_for_disconnect(receive))
        answering = asyncio.create_task(compute.metered(compute.caller.get(), self._answer(request, send)))
        await asyncio.wait((listening, answering), return_when=asyncio.FIRST_COMPLETED)
        for task in (listening, answering):
            task.cancel()
        await asyncio.wait((listening, answering))
        if not listening.cancelled():
            listening.result()
        return None if answering.cancelled() else answering.result()

    async def _answer(self, request: ASGIRequest, send: Any) -> HttpResponseBase:
        response: HttpResponseBase = await self.run_get_response(request)
        with suppress(asyncio.CancelledError):  # the client has hung up meanwhile
            await self.send_response(response, send)
        return response


async def _wait_for_disconnect(receive: Any) -> None:
    """Return when the client has hung up, or has its answer.

    Django's raises then: an exception that its task keeps, whose traceback leads back to the task, and to all of the
    request.
    """
    message = await receive()
    if message["type"] != "http.disconnect":
        raise RuntimeError(f"after the body came {message['type']!r}")


def _break_cycles(request: ASGIRequest, response: HttpResponseBase) -> None:
    """Let go of what DRF's view, request and response have of each other, when they are not needed any more.

    The collector would stop the loop for it: 20 ms after each hundred and fifty requests.
    """
    context = getattr(response, "renderer_context", None)
    if context:
        context["request"].parser_context.clear()
        context["view"].__dict__.clear()
        context.clear()
    # Who calls may be an exception, whose traceback leads back here.
    request.__dict__.clear()
