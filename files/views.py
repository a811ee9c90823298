"""HTTP views of files."""

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from django.core.exceptions import RequestAborted
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ParseError
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from foundation.api import JsonRenderer, call_async, call_unhurried, error_response
from foundation.errors import AppError, RangeNotSatisfiable
from foundation.negotiation import IgnoreAccept
from foundation.operations import Operation, next_cursor
from foundation.streamed_body import is_streamed, streamed_body
from foundation.streamed_form import StreamedForm, boundary_of
from foundation.uploaded_files import declared_type, read_pieces
from foundation.validation import validated
from users.actor import Actor
from users.api import ApiView
from users.authentication import require_actor

from . import selectors, services
from .download import file_response
from .file_reference import FileReference
from .incoming_form import IncomingForm
from .range_header import Unsatisfiable
from .serializers import (
    BINARY,
    FilePageSerializer,
    FileReferenceSerializer,
    FileRefInput,
    ListFilesInput,
    ThumbnailRefInput,
    UploadedSerializer,
    UploadInput,
    UploadTargetInput,
)
from .services import IncomingFile


def _uploaded_at(uploaded: Any) -> str:
    """Return the address of the file, or of the group's files when there are several."""
    first = uploaded["files"][0]
    return first["url"] if "file" in uploaded else f"/api/files?groupId={quote(first['metadata']['groupId'])}"


class FormParser(MultiPartParser):
    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except (TypeError, ValueError) as error:
            # Of a part's head in which a parameter is encoded by half, or of a client that has hung up.
            raise ParseError("The form cannot be read.") from error


class FormView(ApiView):
    """A view that takes files in a form."""

    parser_classes = [FormParser]

    def run(self, operation: Operation, method: Callable[..., Any], path: Mapping[str, str]) -> Response:
        try:
            return super().run(operation, method, path)
        finally:
            # When the client hangs up, Django would leave the temporary files to the garbage collector.
            for _, files in self.request.FILES.lists():
                for file in files:
                    file.close()


class UploadView(FormView):
    """Files for a group that you are in: `multipart/form-data` with `groupId` and one or several `file`."""

    def run(self, operation: Operation, method: Callable[..., Any], path: Mapping[str, str]) -> Response:
        if is_streamed(self.request._request):
            stored = call_unhurried(_store_form, require_actor(self.request), self.request._request)
            return self._respond(operation, _as_wire(stored))
        return super().run(operation, method, path)

    @Operation("upload", UploadInput, UploadedSerializer, statuses=(201,), location=_uploaded_at)
    def post(self, actor: Actor, group_id: str, files: list["UploadedFile[Any]"]) -> dict[str, Any]:
        """Upload files for a group.

        Until they are sent with a message only you see them, and after a day they are deleted.
        """
        incoming = [
            IncomingFile(name=file.name or "", content_type=declared_type(file), chunks=read_pieces(file))
            for file in files
        ]
        return _as_wire(call_unhurried(services.store_files, actor=actor, group_id=group_id, files=incoming))


def _as_wire(references: list[FileReference]) -> dict[str, Any]:
    wire = [reference.as_wire() for reference in references]
    return {"files": wire, **({"file": wire[0]} if len(wire) == 1 else {})}


async def _store_form(actor: Actor, request: HttpRequest) -> list[FileReference]:
    """Store the files of a form while it comes, if it says first for which group they are; else once it has come."""
    form = IncomingForm(StreamedForm(streamed_body(request), boundary_of(request.headers.get("Content-Type", ""))))
    async with form:
        group = validated(UploadTargetInput, await form.fields())
        return await services.store_files(actor=actor, files=form.files(), **group)


class FilesView(ApiView):
    """A group's files, in pages, newest first: those that were sent, and your own."""

    @Operation("files_list", ListFilesInput, FilePageSerializer, next_page=next_cursor)
    async def get(self, actor: Actor, **query: Any) -> dict[str, Any]:
        """List the files of a group."""
        page = await selectors.list_files(actor=actor, **query)
        files = {"files": [reference.as_wire() for reference in page.files], "hasMore": page.has_more}
        return files | ({"nextCursor": page.next_cursor} if page.next_cursor else {})


class FileMetadataView(ApiView):
    """A file's metadata, without its content."""

    @Operation(
        "files_metadata",
        FileRefInput,
        FileReferenceSerializer,
        modified=lambda file: datetime.fromisoformat(file["metadata"]["uploadedAt"]),
    )
    async def get(self, actor: Actor, **file: Any) -> dict[str, Any]:
        """Get a file's metadata."""
        return (await selectors.get_file(actor=actor, **file)).as_wire()


class FileView(ApiView):
    """A file: its content, whole or one `Range` of it. What was never sent can be taken back by its uploader."""

    content_negotiation_class = IgnoreAccept
    # One alone: with several, `Vary: Accept` would have a browser keep a copy for each way in which it asks.
    renderer_classes = (JsonRenderer,)

    @extend_schema(
        parameters=[
            OpenApiParameter("Range", str, OpenApiParameter.HEADER),
            OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER),
        ],
        # Of any type, and as bytes for those who generate clients.
        responses={
            **{(status, kind): BINARY for status in (200, 206) for kind in ("application/octet-stream", "*/*")},
            304: None,
        },
    )
    @Operation("files_download", FileRefInput)
    async def get(self, actor: Actor, file_id: str) -> HttpResponseBase:
        """Download a file, whole or one range of it."""
        reference = await selectors.get_file(actor=actor, file_id=file_id)
        read = partial(_read_quietly, actor)
        try:
            return file_response(reference, self.request.headers, read, head=self.request.method == "HEAD")
        except Unsatisfiable:
            response = error_response(RangeNotSatisfiable(f"The range lies outside the file's {reference.size} bytes."))
            response["Content-Range"] = f"bytes */{reference.size}"
            return response

    @Operation("files_take_back", FileRefInput, statuses=(204,))
    def delete(self, actor: Actor, **file: Any) -> None:
        """Take back a file that you have uploaded and not sent."""
        call_async(services.take_back_file, actor=actor, **file)


class ThumbnailView(ApiView):
    """A smaller picture of an image, a WebP: those that there are, `metadata.thumbnails` names."""

    # Nobody makes up its address, and generated clients know no pictures.
    schema = None
    content_negotiation_class = IgnoreAccept
    renderer_classes = (JsonRenderer,)

    @Operation("files_thumbnail", ThumbnailRefInput)
    async def get(self, actor: Actor, file_id: str, side: int) -> HttpResponseBase:
        """Download a smaller picture of an image."""
        picture, content = await selectors.get_thumbnail(actor=actor, file_id=file_id, side=side)

        async def read(reference: FileReference, start: int, end: int) -> AsyncIterator[bytes]:
            yield content[start:end]

        # A part of it is nobody's wish.
        headers = {name: value for name, value in self.request.headers.items() if name.lower() == "if-none-match"}
        return file_response(picture, headers, read, head=self.request.method == "HEAD")


async def _read_quietly(actor: Actor, reference: FileReference, start: int, end: int) -> AsyncIterator[bytes]:
    """Read the file; when the actor loses access or the store fails, end the response short of its Content-Length.

    Django drops this exception without a traceback, and the server closes the connection.
    """
    try:
        async for piece in selectors.read_while_permitted(reference, start, end, actor=actor):
            yield piece
    except AppError as error:
        raise RequestAborted from error
