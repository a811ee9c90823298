"""Django's ASGI handler, with requests that any bytes can make."""

import re
from typing import Any

from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.http import HttpRequest, HttpResponseBase, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.functional import cached_property

from foundation.cookies import parse_cookies
from foundation.limits import compute

# A parameter of a media type that is encoded or continued (RFC 2231): of no use here, and Python's parser may raise
# anything.
_ENCODED_PARAMETER = re.compile(r";[^;,=*]*\*[^;,]*")


class Request(ASGIRequest):
    """Django's request, whose head is read in a bounded time, and without an exception."""

    @cached_property
    def COOKIES(self) -> dict[str, str]:  # type: ignore[override] # Django's types say an attribute
        return parse_cookies(self.META.get("HTTP_COOKIE", ""))

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
    request_class = Request

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        # In a task of its own: what surrounds this is not measured with it.
        return await compute.metered(compute.caller.get(), super().get_response_async(request))
