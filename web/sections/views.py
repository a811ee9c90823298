"""The page of one's sections."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from users.actor import Actor
from web.page import PageRequest, render_page
from web.shell import signed_in

from .content import sections_context


@require_safe
@signed_in
async def sections(request: HttpRequest, actor: Actor) -> HttpResponse:
    return await render_page(request, actor, PageRequest(main=sections_context))
