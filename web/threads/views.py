"""The pages of a thread, and of the threads that somebody follows."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from foundation.validation import validated
from messaging.threads.serializers import ListThreadsInput
from users.actor import Actor
from web.page import PageRequest, place_parameters, render_page
from web.shell import signed_in

from .content import thread_panel
from .followed import followed_threads


@require_safe
@signed_in
async def thread(request: HttpRequest, actor: Actor, group_id: str, message_id: str) -> HttpResponse:
    place = place_parameters(request, group_id, "before", "after")
    panel = thread_panel(message_id, newest="newest" in request.GET, **place)
    return await render_page(request, actor, PageRequest(group_id, panel=panel))


@require_safe
@signed_in
async def threads(request: HttpRequest, actor: Actor) -> HttpResponse:
    page = validated(ListThreadsInput, {"cursor": request.GET["cursor"]} if "cursor" in request.GET else {})
    return await render_page(request, actor, PageRequest(main=followed_threads(page.get("cursor"))))
