"""The forms that block somebody and take that back."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from foundation.errors import AppError
from groups.blocking import services
from groups.blocking.serializers import BlockedRefInput
from users.actor import Actor
from web.forms import posted, redirect_to, validated_input
from web.shell import with_headers_of

from .content import render_blocked


async def _show_again(request: HttpRequest, actor: Actor, error: AppError, /) -> HttpResponseBase:
    return with_headers_of(error, await render_blocked(request, actor, error))


@posted(_show_again)
async def block(request: HttpRequest, actor: Actor) -> HttpResponse:
    await services.block_user(actor=actor, **validated_input(BlockedRefInput, request, "userId"))
    return redirect_to("blocked")


@posted(_show_again)
async def unblock(request: HttpRequest, actor: Actor) -> HttpResponse:
    await services.unblock_user(actor=actor, **validated_input(BlockedRefInput, request, "userId"))
    return redirect_to("blocked")
