"""The page of a group's pinned messages."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from users.actor import Actor
from web.page import PageRequest, render_page
from web.shell import signed_in

from .content import pins_panel


@require_safe
@signed_in
async def pins(request: HttpRequest, actor: Actor, group_id: str) -> HttpResponse:
    return await render_page(request, actor, PageRequest(group_id, panel=pins_panel))
