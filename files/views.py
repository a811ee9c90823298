"""HTTP views of files."""

import asyncio
import os
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from django.core.exceptions import RequestAborted
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.api import call_async, call_unhurried
from foundation.errors import AppError, Invalid
from foundation.validation import validated
from users.actor import Actor
from users.authentication import require_actor

from . import selectors, services
from .download import file_response
from .file_reference import FileReference
from .range_header import Unsatisfiable
from .serializers import (
    BINARY,
    FilePageSerializer,
    FileReferenceSerializer,
    ListFilesInput,
    UploadedSerializer,
    UploadInput,
)
from .services import IncomingFile
from .spooling import closing_unfinished

READ_BYTES = 1024 * 1024


class FormParser(MultiPartParser):
    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            with closing_unfinished(parser_context["request"].upload_handlers):
                return super().parse(stream, media_type, parser_context)
        except TypeError as error:
            # Python's, of a part's head in which a parameter is encoded by half.
            raise ParseError("A part's head cannot be read.") from error


class UploadView(APIView):
    """Store files for a group that you are in: `multipart/form-data` with `groupId` and one or several `file`.

    Until they are sent with a message only you see them, and after a day they are deleted.
    """

    parser_classes = [FormParser]
    serializer_class = UploadInput

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        _set_content_length(request)
        return super().initialize_request(request, *args, **kwargs)

    @extend_schema(
        operation_id="upload", request={"multipart/form-data": UploadInput}, responses={201: UploadedSerializer}
    )
    def post(self, request: Request) -> Response:
        try:
            return self._store(request)
        finally:
            # When the client hangs up, Django would leave the temporary files to the garbage collector.
            for _, files in request.FILES.lists():
                for file in files:
                    file.close()

    def _store(self, request: Request) -> Response:
        data = validated(UploadInput, request.data)
        incoming = [
            IncomingFile(name=file.name or "", content_type=file.content_type, chunks=_read_pieces(file))
            for file in data["files"]
        ]
        stored = call_unhurried(
            services.store_files, actor=require_actor(request), group_id=data["group_id"], files=incoming
        )
        wire = [reference.as_wire() for reference in stored]
        return Response({"files": wire, **({"file": wire[0]} if len(wire) == 1 else {})}, status=201)


class FilesView(APIView):
    """A page of a group's files, newest first: those that were sent, and your own."""

    @extend_schema(operation_id="files_list", parameters=[ListFilesInput], responses=FilePageSerializer)
    def get(self, request: Request) -> Response:
        data = validated(ListFilesInput, request.query_params.dict())
        page = call_async(selectors.list_files, actor=require_actor(request), **data)
        files = {"files": [reference.as_wire() for reference in page.files], "hasMore": page.has_more}
        return Response(files | ({"nextCursor": page.next_cursor} if page.next_cursor else {}))


class FileMetadataView(APIView):
    """A file's metadata, without its content."""

    @extend_schema(operation_id="files_metadata", responses=FileReferenceSerializer)
    def get(self, request: Request, file_id: str) -> Response:
        return Response(call_async(selectors.get_file, actor=require_actor(request), file_id=file_id).as_wire())


class IgnoreAccept(DefaultContentNegotiation):
    """Ignores the Accept header: an `<img>` accepts only images, but the response may be any file, or a JSON error."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        renderer: BaseRenderer = JSONRenderer()
        return renderer, renderer.media_type


class FileView(APIView):
    """A file: its content, whole or one `Range` of it. What was never sent can be taken back by its uploader."""

    content_negotiation_class = IgnoreAccept
    # One alone: with several, `Vary: Accept` would have a browser keep a copy for each way in which it asks.
    renderer_classes = (JSONRenderer,)

    @extend_schema(
        operation_id="files_download",
        parameters=[
            OpenApiParameter("Range", str, OpenApiParameter.HEADER),
            OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER),
        ],
        responses={(200, "application/octet-stream"): BINARY, (206, "application/octet-stream"): BINARY, 304: None},
    )
    def get(self, request: Request, file_id: str) -> HttpResponseBase:
        actor = require_actor(request)
        reference = call_async(selectors.get_file, actor=actor, file_id=file_id)
        read = partial(_read_quietly, actor)
        try:
            return file_response(reference, request.headers, read, head=request.method == "HEAD")
        except Unsatisfiable:
            error = Invalid(f"The range lies outside the file's {reference.size} bytes.")
            headers = {"Content-Range": f"bytes */{reference.size}"}
            return Response({"error": error.as_wire()}, status=416, headers=headers)

    @extend_schema(operation_id="files_take_back", responses={204: None})
    def delete(self, request: Request, file_id: str) -> Response:
        """Take back a file that you have uploaded and not sent."""
        call_async(services.take_back_file, actor=require_actor(request), file_id=file_id)
        return Response(status=204)


async def _read_quietly(actor: Actor, reference: FileReference, start: int, end: int) -> AsyncIterator[bytes]:
    """Read the file; when the actor loses access or the store fails, end the response short of its Content-Length.

    Django drops this exception without a traceback, and the server closes the connection.
    """
    try:
        async for piece in selectors.read_while_permitted(reference, start, end, actor=actor):
            yield piece
    except AppError as error:
        raise RequestAborted from error


async def _read_pieces(file: "UploadedFile[Any]") -> AsyncIterator[bytes]:
    """Read the temporary file in threads: a slow disk must not block the event loop."""
    await asyncio.to_thread(file.seek, 0)
    while piece := await asyncio.to_thread(file.read, READ_BYTES):
        yield piece


def _set_content_length(request: HttpRequest) -> None:
    """Give a chunked request a Content-Length, without which the parser takes the body for empty.

    The body is in a temporary file by now, so its length is known.
    """
    stream = getattr(request, "_stream", None)
    if "CONTENT_LENGTH" not in request.META and stream is not None and stream.seekable():
        request.META["CONTENT_LENGTH"] = str(stream.seek(0, os.SEEK_END))
        stream.seek(0)
