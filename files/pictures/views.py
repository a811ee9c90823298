"""HTTP views of pictures and the logo; here and not in `users`, because they are stored as files are."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from files.download import is_fresh
from files.kinds import policy_of
from files.serializers import BINARY
from files.views import FormView
from foundation.api import JsonRenderer, call_async, call_unhurried, query_data
from foundation.negotiation import IgnoreAccept
from foundation.operations import Operation
from foundation.uploaded_files import read_pieces
from foundation.validation import validated
from users.actor import Actor
from users.api import ApiView
from users.serializers import UserSerializer
from workspace.serializers import WorkspaceSerializer

from . import logo, selectors, services
from .serializers import LogoRefInput, PictureRefInput, SetPictureInput

_TYPE = "image/webp"


class MyPictureView(FormView):
    """Your picture: `multipart/form-data` with `file`, and the square of it that is to be seen."""

    @Operation("me_set_picture", SetPictureInput, UserSerializer)
    def put(self, actor: Actor, file: "UploadedFile[Any]", **cut: Any) -> dict[str, Any]:
        """Set your picture in place of the one that you have; nothing but its square is kept."""
        pieces, size = read_pieces(file), file.size or 0
        return call_unhurried(services.set_picture, actor=actor, pieces=pieces, size=size, **cut).as_wire()

    @Operation("me_remove_picture", None, None, statuses=(204,))
    def delete(self, actor: Actor) -> None:
        """Take your picture away."""
        call_async(services.remove_picture, actor=actor)


class LogoView(FormView):
    """The workspace's logo: `multipart/form-data` with `file`, and the square of it that is to be seen."""

    @Operation("workspace_set_logo", SetPictureInput, WorkspaceSerializer)
    def put(self, actor: Actor, file: "UploadedFile[Any]", **cut: Any) -> dict[str, Any]:
        """Set the logo in place of the one that there is; nothing but its square is kept."""
        pieces, size = read_pieces(file), file.size or 0
        changed = call_unhurried(logo.set_logo, actor=actor, pieces=pieces, size=size, **cut)
        return changed.as_wire() | {"role": actor.role}

    @Operation("workspace_remove_logo", None, None, statuses=(204,))
    def delete(self, actor: Actor) -> None:
        """Take the logo away."""
        call_async(logo.remove_logo, actor=actor)


class LogoImageView(APIView):
    """The logo as anybody may see it."""

    authentication_classes = ()
    permission_classes = ()
    content_negotiation_class = IgnoreAccept
    renderer_classes = (JsonRenderer,)

    @extend_schema(
        operation_id="workspace_logo",
        auth=[],
        parameters=[OpenApiParameter("size", enum=[str(side) for side in services.SIDES])],
        responses={(200, kind): BINARY for kind in ("application/octet-stream", "*/*")},
    )
    def get(self, request: Request, **path: str) -> HttpResponseBase:
        """Get the logo, a WebP; `logoUrl` has its address."""
        data = validated(LogoRefInput, {**query_data(request, frozenset({"size"})), **path})
        content = call_async(logo.read_logo, logo_id=data["logo_id"], side=int(data.get("size", "256")))
        # Another one has another address.
        headers = {"Cache-Control": "public, max-age=86400, immutable", "X-Content-Type-Options": "nosniff"}
        return HttpResponse(
            content, content_type=_TYPE, headers={**headers, "Content-Security-Policy": policy_of(_TYPE)}
        )


class PictureView(ApiView):
    """A user's picture that is kept here, a square; where Clerk keeps it, `imageUrl` names its address there."""

    content_negotiation_class = IgnoreAccept
    renderer_classes = (JsonRenderer,)

    @extend_schema(
        parameters=[OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER)],
        # As bytes for those who generate clients.
        responses={**{(200, kind): BINARY for kind in ("application/octet-stream", "*/*")}, 304: None},
    )
    @Operation("users_picture", PictureRefInput)
    async def get(self, actor: Actor, user_id: str, size: str = "256", v: str = "") -> HttpResponseBase:
        """Get a user's picture, a WebP."""
        picture = await selectors.get_picture(actor=actor, user_id=user_id, side=int(size))
        if is_fresh(self.request.headers.get("If-None-Match", ""), picture.etag):
            response = HttpResponse(status=304)
        else:
            content = await selectors.read_picture(picture=picture)
            response = HttpResponse(content, content_type=_TYPE)
        response.headers["ETag"] = picture.etag
        # As of files: a browser asks each time, and gets the bytes once.
        response.headers["Cache-Control"] = "private, no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Content-Security-Policy"] = policy_of(_TYPE)
        return response
