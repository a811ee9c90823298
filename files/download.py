"""How a file goes out to a browser: revalidation, one range, and headers that keep its content from running as ours."""

from collections.abc import AsyncIterable, Mapping
from typing import Protocol

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header, parse_etags

from .file_reference import FileReference
from .range_header import parse_range

# What a browser shows without running it. HTML, XML and SVG carry scripts and are never among them.
INLINE_TYPES = frozenset(
    {
        "application/pdf",
        "audio/mp4",
        "audio/mpeg",
        "audio/ogg",
        "audio/wav",
        "audio/webm",
        "image/gif",
        "image/jpeg",
        "image/png",
        "image/webp",
        "text/plain",
        "video/mp4",
        "video/webm",
    }
)
# `sandbox` gives whatever is opened here an origin of its own, without scripts; the rest lets it show but itself.
# Chromium's PDF viewer works in it (tried with version 150).
SANDBOX = "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"


class Read(Protocol):
    def __call__(self, reference: FileReference, start: int, end: int) -> AsyncIterable[bytes]: ...


def file_response(reference: FileReference, headers: Mapping[str, str], read: Read, *, head: bool) -> HttpResponseBase:
    """Answer a GET or HEAD from one who may have the file; `headers` are the request's, `read` gives the bytes.

    Raises `Unsatisfiable` when the range asked for lies outside the file.
    """
    etag = f'"{reference.sha256}"'
    response: HttpResponseBase
    if _is_fresh(headers.get("If-None-Match", ""), etag):
        response = HttpResponse(status=304)
    else:
        response = _content(reference, _range(reference, headers, etag), read, head=head)
    response.headers["ETag"] = etag
    # `no-cache` means: keep it, but ask every time, and with that comes the access check.
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = SANDBOX
    return response


def _content(
    reference: FileReference, part: tuple[int, int] | None, read: Read, *, head: bool
) -> HttpResponse | StreamingHttpResponse:
    start, end = part or (0, reference.size)
    status = 200 if part is None else 206
    # HEAD: the same headers, and nothing read.
    response = (
        HttpResponse(status=status) if head else StreamingHttpResponse(read(reference, start, end), status=status)
    )
    if part is not None:
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{reference.size}"
    inline = reference.type in INLINE_TYPES
    response.headers["Content-Length"] = str(end - start)
    response.headers["Content-Type"] = "text/plain; charset=utf-8" if reference.type == "text/plain" else reference.type
    response.headers["Content-Disposition"] = content_disposition_header(not inline, reference.name) or "attachment"
    return response


def _range(reference: FileReference, headers: Mapping[str, str], etag: str) -> tuple[int, int] | None:
    # If-Range guards a resumed download; a file never changes, so only another file's tag or a date can miss.
    if headers.get("If-Range", etag) != etag:
        return None
    return parse_range(headers.get("Range"), reference.size)


def _is_fresh(if_none_match: str, etag: str) -> bool:
    asked = [tag.removeprefix("W/") for tag in parse_etags(if_none_match)]
    return asked == ["*"] or etag in asked
