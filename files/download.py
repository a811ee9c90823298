"""The HTTP response of a download: revalidation, one range, and headers that keep content from running as ours."""

from collections.abc import AsyncIterable, Mapping
from typing import Protocol

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header, parse_etags

from .file_reference import FileReference
from .kinds import is_shown, is_text, policy_of
from .range_header import parse_range


class ReadContent(Protocol):
    """Reads the bytes of a file from `start` up to, not including, `end`."""

    def __call__(self, reference: FileReference, start: int, end: int) -> AsyncIterable[bytes]: ...


def file_response(
    reference: FileReference, headers: Mapping[str, str], read: ReadContent, *, head: bool
) -> HttpResponseBase:
    """Return the response to a GET (or, with `head`, a HEAD) of a caller whose access has been checked.

    `headers` are the request's. Raises `Unsatisfiable` when the requested range lies outside the file.
    """
    etag = f'"{reference.sha256}"'
    response: HttpResponseBase
    if is_fresh(headers.get("If-None-Match", ""), etag):
        response = HttpResponse(status=304)
    else:
        response = _content(reference, _range(reference, headers, etag), read, head=head)
    response.headers["ETag"] = etag
    # `no-cache` allows a stored copy but makes the browser ask each time, so that access is checked each time.
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = policy_of(reference.type)
    return response


def _content(
    reference: FileReference, part: tuple[int, int] | None, read: ReadContent, *, head: bool
) -> HttpResponse | StreamingHttpResponse:
    start, end = part or (0, reference.size)
    status = 200 if part is None else 206
    # HEAD has the same headers, and reads nothing.
    response = (
        HttpResponse(status=status) if head else StreamingHttpResponse(read(reference, start, end), status=status)
    )
    if part is not None:
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{reference.size}"
    response.headers["Content-Length"] = str(end - start)
    response.headers["Content-Type"] = _harmless_type(reference)
    saved = not is_shown(reference.type)
    response.headers["Content-Disposition"] = content_disposition_header(saved, reference.name) or "attachment"
    return response


def _harmless_type(reference: FileReference) -> str:
    """Return the type of a file that is shown; of another mere text or bytes, which no page can load as a script."""
    if is_text(reference.type):
        return f"text/plain; charset={reference.charset or 'utf-8'}"
    return reference.type if is_shown(reference.type) else "application/octet-stream"


def _range(reference: FileReference, headers: Mapping[str, str], etag: str) -> tuple[int, int] | None:
    # If-Range guards a resumed download. Files never change, so only another file's ETag or a date can differ.
    if headers.get("If-Range", etag) != etag:
        return None
    return parse_range(headers.get("Range"), reference.size)


def is_fresh(if_none_match: str, etag: str) -> bool:
    """Return whether a copy with one of the header's tags is still good."""
    etags = [tag.removeprefix("W/") for tag in parse_etags(if_none_match)]
    return etags == ["*"] or etag in etags
