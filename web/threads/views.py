"""The page of a thread."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from users.actor import Actor
from web.page import PageRequest, place_parameters, render_page
from web.shell import signed_in

from .content import thread_panel


@require_safe
@signed_in
async def thread(request: HttpRequest, actor: Actor, group_id: str, message_id: str) -> HttpResponse:
    panel = thread_panel(message_id, place_parameters(request, group_id, "before").get("before"))
    return await render_page(request, actor, PageRequest(group_id, panel=panel))
