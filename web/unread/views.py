"""The page of what is unread."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from foundation.validation import validated
from messaging.unread_serializers import ListUnreadInput
from users.actor import Actor
from web.page import PageRequest, render_page
from web.shell import signed_in

from .content import unread_page


@require_safe
@signed_in
async def unread(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show a page of it; with `ask`, with the question whether all of it is to be marked as read."""
    page = validated(ListUnreadInput, {"cursor": request.GET["cursor"]} if "cursor" in request.GET else {})
    main = unread_page(page.get("cursor"), request.GET.get("cursor", ""), asks="ask" in request.GET)
    return await render_page(request, actor, PageRequest(main=main))
