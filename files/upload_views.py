"""HTTP views of uploads that may be resumed, by tus 1.0 (`tus` has its headers)."""

from typing import Any

from django.conf import settings
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.api import call_async, call_unhurried
from foundation.streamed_body import streamed_body
from foundation.validation import validated
from users.authentication import require_actor

from . import resumable, tus
from .resumable import Progress
from .serializers import BeginUploadInput


class TusView(APIView):
    """What all requests of the protocol have: its version in both directions, and what `OPTIONS` says."""

    # A protocol of its own, for which there are clients: the API's description names it, and generates none.
    schema = None

    def get_permissions(self) -> list[BasePermission]:
        return [] if self.request.method == "OPTIONS" else super().get_permissions()  # type: ignore[return-value]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method != "OPTIONS":
            tus.require_version(request.headers)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response.headers["Tus-Resumable"] = tus.VERSION
        return super().finalize_response(request, response, *args, **kwargs)

    def options(self, request: Request, *args: Any, **kwargs: Any) -> Response:  # type: ignore[override] # as DRF's
        """Say what this server does of the protocol."""
        headers = {
            "Tus-Version": tus.VERSION,
            "Tus-Extension": tus.EXTENSIONS,
            "Tus-Max-Size": str(settings.MAX_FILE_BYTES),
            "Tus-Checksum-Algorithm": ",".join(tus.ALGORITHMS),
        }
        return Response(status=204, headers=headers)


class UploadsView(TusView):
    """Begin an upload that may be resumed, by [tus](https://tus.io/protocols/resumable-upload) 1.0.

    The upload's id is that of the file: once all has come, send it with a message, or read `/api/files/metadata/<id>`.
    """

    def post(self, request: Request) -> Response:
        length = tus.parse_number(request.headers, "Upload-Length")
        metadata = tus.parse_metadata(request.headers.get("Upload-Metadata", ""))
        data = validated(BeginUploadInput, {**metadata, "length": length})
        progress = call_unhurried(resumable.begin_upload, actor=require_actor(request), **data)
        headers = {"Location": f"/api/uploads/{progress.id}", **_headers(progress)}
        return Response(status=201, headers=headers)


class ResumableUploadView(TusView):
    """An upload that may be resumed."""

    def head(self, request: Request, upload_id: str) -> Response:
        """Say how far the upload is: the next part begins there."""
        progress = call_unhurried(resumable.get_progress, actor=require_actor(request), upload_id=upload_id)
        headers = {"Upload-Length": str(progress.length), "Cache-Control": "no-store", **_headers(progress)}
        return Response(status=200, headers=headers)

    def patch(self, request: Request, upload_id: str) -> Response:
        """Add a part. What has come of one that breaks off is kept."""
        if request.headers.get("Content-Type", "") != tus.CONTENT_TYPE:
            raise tus.NotAPart
        progress = call_unhurried(
            resumable.append_part,
            actor=require_actor(request),
            upload_id=upload_id,
            offset=tus.parse_number(request.headers, "Upload-Offset"),
            pieces=streamed_body(request._request),
            checksum=tus.parse_checksum(request.headers.get("Upload-Checksum", "")),
        )
        return Response(status=204, headers=_headers(progress))

    def delete(self, request: Request, upload_id: str) -> Response:
        """Delete the upload, or take back the file that it has become."""
        call_async(resumable.end_upload, actor=require_actor(request), upload_id=upload_id)
        return Response(status=204)


def _headers(progress: Progress) -> dict[str, str]:
    return tus.progress_headers(progress.offset, progress.expires_at)
