"""The page of a group, or of a thread, with a quote in its composer."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from foundation.errors import NotFound
from messaging import selectors
from messaging.quotes.services import quote_message
from users.actor import Actor
from web.conversation.composer import Composer
from web.page import PageRequest, render_page
from web.shell import signed_in
from web.threads.content import thread_panel_of


@require_safe
@signed_in
async def quote(request: HttpRequest, actor: Actor, group_id: str, message_id: str) -> HttpResponse:
    message = await selectors.get_message(actor=actor, message_id=message_id)
    if message["groupId"] != group_id:
        raise NotFound
    quoted = await quote_message(actor=actor, message_id=message_id)
    parent_id = message.get("parentId", "")
    composer = Composer(parent_id, quoted["content"])
    page_request = PageRequest(group_id, panel=thread_panel_of(parent_id), composer=composer)
    return await render_page(request, actor, page_request)
