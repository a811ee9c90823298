"""The forms of the workspace's page. After an error the page is shown again, with what was wrong."""

from collections.abc import Callable, Coroutine
from functools import wraps

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.serializers import InviteInput
from accounts.services import invitations
from files.pictures import logo
from files.pictures.serializers import SetPictureInput
from foundation.errors import AppError, Invalid
from foundation.uploaded_files import read_pieces
from foundation.validation import validated
from users.actor import Actor
from web.forms import posted, redirect_to, validated_input
from web.shell import View, with_headers_of
from workspace import services
from workspace.serializers import ChangeWorkspaceInput, ChangeWorkspaceRoleInput, PersonRefInput

from .content import workspace_context
from .views import TEMPLATE

_SETTINGS = ("makeGroups", "invitePeople", "uploadFiles")
_Act = Callable[..., Coroutine[object, object, object]]


def _form(act: _Act) -> "View[...]":
    """Accept POSTs of signed-in users, and go back to the page."""

    @wraps(act)
    async def view(request: HttpRequest, actor: Actor, **where: str) -> HttpResponse:
        await act(request, actor, **where)
        return redirect_to("workspace")

    return posted(_show_again)(view)


async def _show_again(request: HttpRequest, actor: Actor, error: AppError, /, **where: str) -> HttpResponse:
    response = render(request, TEMPLATE, await workspace_context(actor, problem=error), status=error.status)
    return with_headers_of(error, response)


@posted(_show_again)
async def invite(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show the link of an invitation, for whoever may invite and does not administer accounts."""
    made = await invitations.invite(actor=actor, **validated_input(InviteInput, request, "role"))
    return render(request, TEMPLATE, await workspace_context(actor, made=made.address))


@_form
async def save_settings(request: HttpRequest, actor: Actor) -> None:
    given = {name: request.POST[name] for name in ("name", *_SETTINGS) if name in request.POST}
    await services.change_settings(actor=actor, **validated(ChangeWorkspaceInput, given))


@_form
async def set_logo(request: HttpRequest, actor: Actor) -> None:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise Invalid("Choose a picture.")
    with file:
        validated(SetPictureInput, {"file": file})
        await logo.set_logo(actor=actor, pieces=read_pieces(file), size=file.size or 0)


@_form
async def remove_logo(request: HttpRequest, actor: Actor) -> None:
    await logo.remove_logo(actor=actor)


@_form
async def change_role(request: HttpRequest, actor: Actor, user_id: str) -> None:
    data = validated_input(ChangeWorkspaceRoleInput, request, "role", userId=user_id)
    await services.change_role(actor=actor, **data)


@_form
async def deactivate(request: HttpRequest, actor: Actor, user_id: str) -> None:
    await services.deactivate(actor=actor, **validated(PersonRefInput, {"userId": user_id}))


@_form
async def reactivate(request: HttpRequest, actor: Actor, user_id: str) -> None:
    await services.reactivate(actor=actor, **validated(PersonRefInput, {"userId": user_id}))


@_form
async def remove(request: HttpRequest, actor: Actor, user_id: str) -> None:
    if "sure" not in request.POST:
        raise Invalid("Say that you are sure: what is removed is gone for good.")
    await services.remove_personal_data(actor=actor, **validated(PersonRefInput, {"userId": user_id}))
