"""The page of one's settings; POST changes them."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_http_methods

from foundation.errors import AppError
from users import preferences
from users.actor import Actor
from users.serializers import SetPreferencesInput
from web.forms import posted, redirect_to, validated_input
from web.shell import problem_of, signed_in, with_headers_of

from .content import render_settings


@require_http_methods(["GET", "HEAD", "POST"])
async def settings(request: HttpRequest) -> HttpResponse:
    return await (_save(request) if request.method == "POST" else _show(request))  # type: ignore[return-value]


@signed_in
async def _show(request: HttpRequest, actor: Actor) -> HttpResponse:
    return await render_settings(request, actor)


async def _again(request: HttpRequest, actor: Actor, error: AppError, /) -> HttpResponseBase:
    response = await render_settings(request, actor, problem=problem_of(error), status=error.status)
    return with_headers_of(error, response)


@posted(_again)
async def _save(request: HttpRequest, actor: Actor) -> HttpResponse:
    await preferences.set_preferences(
        actor=actor, **validated_input(SetPreferencesInput, request, "theme", "enterKey", "language")
    )
    return redirect_to("settings")
