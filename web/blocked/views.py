"""The page of those whom one has blocked."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from users.actor import Actor
from web.shell import signed_in

from .content import render_blocked


@require_safe
@signed_in
async def blocked(request: HttpRequest, actor: Actor) -> HttpResponse:
    return await render_blocked(request, actor)
