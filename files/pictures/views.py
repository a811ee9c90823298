"""HTTP views of pictures; here and not in `users`, because they are stored as files are."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema

from files.download import is_fresh
from files.kinds import policy_of
from files.serializers import BINARY
from files.views import FormView
from foundation.api import JsonRenderer, call_async, call_unhurried
from foundation.negotiation import IgnoreAccept
from foundation.operations import Operation
from foundation.uploaded_files import read_pieces
from users.actor import Actor
from users.api import ApiView
from users.serializers import UserSerializer

from . import selectors, services
from .serializers import PictureRefInput, SetPictureInput

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
