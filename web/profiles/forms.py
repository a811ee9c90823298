"""The forms of one's own profile. After an error the page is shown again, with what was typed."""

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse

from files.pictures import services as pictures
from files.pictures.serializers import SetPictureInput
from foundation.errors import AppError, Invalid
from foundation.ids import to_wire
from foundation.uploaded_files import read_pieces
from foundation.validation import validated
from users import privacy, services
from users.actor import Actor
from users.serializers import SetPrivacyInput, SetStatusInput, UpdateProfileInput
from web.forms import posted, redirect_to, validated_input
from web.shell import View, problem_of, with_headers_of

from .content import DURATIONS, render_profile

_PROFILE = ("name", "handle", "title", "timeZone")
_STATUS = ("emoji", "text")
_SQUARE = ("left", "top", "side")
_Act = Callable[[HttpRequest, Actor], Coroutine[Any, Any, object]]


def _form(act: _Act) -> "View[...]":
    """Accept POSTs of signed-in users, and go back to the profile."""

    @wraps(act)
    async def view(request: HttpRequest, actor: Actor) -> HttpResponse:
        await act(request, actor)
        return redirect_to("profile")

    return posted(_show_again)(view)


async def _show_again(request: HttpRequest, actor: Actor, error: AppError, /) -> HttpResponse:
    typed = {name: request.POST[name] for name in (*_PROFILE, *_STATUS) if name in request.POST}
    problem = problem_of(error)
    return with_headers_of(error, await render_profile(request, actor, typed, problem=problem, status=error.status))


@_form
async def save(request: HttpRequest, actor: Actor) -> None:
    given = {name: request.POST[name] for name in _PROFILE if name in request.POST}
    await services.update_profile(actor=actor, **validated(UpdateProfileInput, given))


@_form
async def set_status(request: HttpRequest, actor: Actor) -> None:
    given: dict[str, str] = {name: request.POST[name] for name in _STATUS if request.POST.get(name)}
    minutes = request.POST.get("minutes", "")
    if minutes not in DURATIONS:
        raise Invalid("Choose one of the times.")
    if minutes:
        given["expiresAt"] = to_wire(datetime.now(UTC) + timedelta(minutes=int(minutes)))
    await services.set_status(actor=actor, **validated(SetStatusInput, given))


@_form
async def set_privacy(request: HttpRequest, actor: Actor) -> None:
    await privacy.set_addable_by(actor=actor, **validated_input(SetPrivacyInput, request, "addableBy"))


@_form
async def clear_status(request: HttpRequest, actor: Actor) -> None:
    await services.clear_status(actor=actor)


@_form
async def set_picture(request: HttpRequest, actor: Actor) -> None:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise Invalid("Choose a picture.")
    # Without a script nobody says which part is to be seen.
    square = {name: request.POST[name] for name in _SQUARE if request.POST.get(name)}
    with file:
        given = validated(SetPictureInput, {"file": file, **square})
        given.pop("file")
        await pictures.set_picture(actor=actor, pieces=read_pieces(file), size=file.size or 0, **given)


@_form
async def remove_picture(request: HttpRequest, actor: Actor) -> None:
    await pictures.remove_picture(actor=actor)
