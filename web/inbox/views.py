"""The page of the inbox."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from foundation.validation import validated
from messaging.inbox.serializers import ListInboxInput
from users.actor import Actor
from web.page import PageRequest, render_page
from web.shell import signed_in

from .content import inbox_page


@require_safe
@signed_in
async def inbox(request: HttpRequest, actor: Actor) -> HttpResponse:
    page = validated(ListInboxInput, {name: request.GET[name] for name in ("cursor", "kind") if name in request.GET})
    return await render_page(request, actor, PageRequest(main=inbox_page(page.get("cursor"), page.get("kind"))))
