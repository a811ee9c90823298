"""The page on which a reaction is chosen."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from users.actor import Actor
from web.page import PageRequest, render_page
from web.shell import signed_in

from .content import reaction_panel


@require_safe
@signed_in
async def react(request: HttpRequest, actor: Actor, group_id: str, message_id: str) -> HttpResponse:
    return await render_page(request, actor, PageRequest(group_id, panel=reaction_panel(message_id)))
