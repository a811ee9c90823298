"""HTTP views of pictures; here and not in `users`, because they are stored as files are."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from files.download import is_fresh
from files.kinds import policy_of
from files.serializers import BINARY
from files.views import FormView, IgnoreAccept
from foundation.api import JsonRenderer, call_async, call_unhurried
from foundation.operations import Operation
from groups.serializers import GroupRefInput, GroupSerializer
from users.actor import Actor
from users.api import ApiView
from users.serializers import UserSerializer

from . import selectors, services
from .incoming import sent_picture
from .selectors import PictureRef
from .serializers import GroupPictureRefInput, PictureRefInput, SetGroupPictureInput, SetPictureInput

_TYPE = "image/webp"


_SEEN = extend_schema(
    parameters=[OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER)],
    # As bytes for those who generate clients.
    responses={**{(200, kind): BINARY for kind in ("application/octet-stream", "*/*")}, 304: None},
)


class MyPictureView(FormView):
    """Your picture: `multipart/form-data` with `file`, and the square of it that is to be seen."""

    @Operation("me_set_picture", SetPictureInput, UserSerializer)
    def put(self, actor: Actor, file: "UploadedFile[Any]", **cut: Any) -> dict[str, Any]:
        """Set your picture in place of the one that you have; nothing but its square is kept."""
        return call_unhurried(services.set_picture, actor=actor, picture=sent_picture(file, **cut)).as_wire()

    @Operation("me_remove_picture", None, None, statuses=(204,))
    def delete(self, actor: Actor) -> None:
        """Take your picture away."""
        call_async(services.remove_picture, actor=actor)


def _answer(picture: PictureRef, content: bytes | None) -> HttpResponseBase:
    """Return a picture's response; without its content, that the client has it."""
    response = HttpResponse(status=304) if content is None else HttpResponse(content, content_type=_TYPE)
    response.headers["ETag"] = picture.etag
    # As of files: a browser asks each time, and gets the bytes once.
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = policy_of(_TYPE)
    return response


async def _show(request: Request, picture: PictureRef) -> HttpResponseBase:
    fresh = is_fresh(request.headers.get("If-None-Match", ""), picture.etag)
    return _answer(picture, None if fresh else await selectors.read_picture(picture=picture))


class PictureView(ApiView):
    """A user's picture that is kept here, a square; where Clerk keeps it, `imageUrl` names its address there."""

    content_negotiation_class = IgnoreAccept
    renderer_classes = (JsonRenderer,)

    @_SEEN
    @Operation("users_picture", PictureRefInput)
    async def get(self, actor: Actor, user_id: str, size: str = "256", v: str = "") -> HttpResponseBase:
        """Get a user's picture, a WebP."""
        return await _show(self.request, await selectors.get_picture(user_id=user_id, side=int(size)))


class GroupPictureView(FormView):
    """The picture of a group, a square: PUT it as `multipart/form-data` with `file`, as your own."""

    content_negotiation_class = IgnoreAccept
    renderer_classes = (JsonRenderer,)

    @_SEEN
    @Operation("groups_picture", GroupPictureRefInput)
    async def get(self, actor: Actor, group_id: str, size: str = "256", v: str = "") -> HttpResponseBase:
        """Get the picture of a group that you are in, a WebP."""
        picture = await selectors.get_group_picture(actor=actor, group_id=group_id, side=int(size))
        return await _show(self.request, picture)

    @Operation("groups_set_picture", SetGroupPictureInput, GroupSerializer)
    def put(self, actor: Actor, group_id: str, file: "UploadedFile[Any]", **cut: Any) -> dict[str, Any]:
        """Set the group's picture in place of the one that it has; its owner and admins may."""
        picture = sent_picture(file, **cut)
        return call_unhurried(services.set_group_picture, actor=actor, group_id=group_id, picture=picture).as_wire()

    @Operation("groups_remove_picture", GroupRefInput, None, statuses=(204,))
    def delete(self, actor: Actor, group_id: str) -> None:
        """Take the group's picture away; its owner and admins may."""
        call_async(services.remove_group_picture, actor=actor, group_id=group_id)
