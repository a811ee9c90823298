"""The page of a message's history."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from users.actor import Actor
from web.page import PageRequest, render_page
from web.shell import signed_in

from .content import history_panel


@require_safe
@signed_in
async def history(request: HttpRequest, actor: Actor, group_id: str, message_id: str) -> HttpResponse:
    return await render_page(request, actor, PageRequest(group_id, panel=history_panel(message_id)))
